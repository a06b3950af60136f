{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key='force, month', on_schema_change='fail'
) }}

with published as (
    select * from {{ ref('int_street_crime') }}
    {{ only_new_deliveries() }}
),

lsoas as (
    select * from {{ ref('int_lsoa') }}
),

final as (
    select
        published.crime_id,
        published.month,
        published.reported_by as force,
        published.crime_type,
        published.last_outcome_category,
        published.lsoa_code,
        lsoas.lsoa21_code,
        lsoas.ward_code,
        lsoas.district_code,
        case
            when lsoas.ward_code is not null then 'placed'
            when published.lsoa_code is not null then 'not_placed'
            else 'no_location'
        end as placement
    from published
    left join lsoas on published.lsoa_code = lsoas.lsoa_code
)

select * from final
