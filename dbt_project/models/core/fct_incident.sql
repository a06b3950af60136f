{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key='incident_ref', on_schema_change='fail'
) }}

with incidents as (
    select * from {{ ref('int_incident') }}
    {{ only_new_deliveries() }}
),

districts as (
    select * from {{ ref('int_district') }}
),

wards as (
    select * from {{ ref('int_ward') }}
),

lsoas as (
    select * from {{ ref('int_lsoa') }}
),

secret as (
    select * from {{ ref('int_pseudonym_secret') }}
),

identified as (
    select
        *,
        {{ caller_identity() }} as caller_identity
    from incidents
),

final as (
    select
        identified.incident_ref,
        identified.opened_at,
        cast(identified.opened_at as date) as opened_date,
        {{ month_start('identified.opened_at') }} as opened_month_date,
        identified.closing_category,
        identified.closing_category in ('asb_personal', 'asb_nuisance', 'asb_environmental') as is_asb,
        identified.asb_qualifier,
        {% for strand in ['disability', 'race', 'religion', 'sexual_orientation', 'transgender'] -%}
        {{ has_entry('identified.hate_strands', strand) }} as is_hate_{{ strand }},
        {% endfor -%}
        districts.district_code,
        districts.csp_code,
        districts.force_code,
        coalesce(wards.ward_code, lsoas.ward_code) as ward_code,
        identified.lsoa_code,
        lsoas.lsoa21_code,
        {{ pseudonym('identified.caller_identity') }} as caller_key
    from identified
    cross join secret
    left join districts on identified.district_code = districts.given_district_code
    left join wards on identified.ward_code = wards.ward_code
    left join lsoas on identified.lsoa_code = lsoas.lsoa_code
)

select * from final
