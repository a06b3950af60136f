{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key='report_ref', on_schema_change='fail'
) }}

with reports as (
    select * from {{ ref('int_asb_report') }}
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
    from reports
),

final as (
    select
        identified.report_ref,
        identified.reported_at,
        cast(identified.reported_at as date) as reported_date,
        {{ month_start('identified.reported_at') }} as reported_month_date,
        identified.report_type,
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
