{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget_touched_months('int_street_touched_months', month_column='month') }}"
) }}

-- Published rows counted by month and place. Rows without a location, or whose LSOA has no present ward, are counted
-- with null codes; none is dropped.
with street as (
    select * from {{ ref('fct_street_crime') }}
    {{ only_touched_months('month', ref('int_street_touched_months')) }}
),

final as (
    select
        month,
        force,
        district_code as lad_code,
        ward_code,
        lsoa_code,
        crime_type,
        count(*) as crimes
    from street
    group by month, force, district_code, ward_code, lsoa_code, crime_type
)

select * from final
