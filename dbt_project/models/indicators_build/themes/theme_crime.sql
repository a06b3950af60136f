{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget_touched_months('int_crime_touched_months') }}"
) }}

with recorded as (
    select
        recorded_month_date as month_date,
        {{ places() }},
        count(*) as all_crime_rotherham,
        count(*) as all_crime_force,
        count(*) as all_crime_per_1000_residents,
        count(*) filter (where offence_subgroup = 'criminal_damage') as criminal_damage,
        count(*) filter (where offence_subgroup = 'arson') as arson,
        count(*) filter (where is_online) as online_crimes
    from {{ ref('fct_crime') }}
    {{ only_touched_months('recorded_month_date', ref('int_crime_touched_months')) }}
    group by all
),

final as (
    {{ unpivot_measures('recorded') }}
)

select * from final
order by month_date
