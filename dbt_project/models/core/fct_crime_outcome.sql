{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key='crime_ref', on_schema_change='fail'
) }}

with outcomes as (
    select * from {{ ref('int_crime_outcome') }}
    {{ only_changed_crimes() }}
),

latest as (
    select
        crime_ref,
        max(outcome_order) as outcome_order
    from outcomes
    group by crime_ref
),

final as (
    select
        outcomes.crime_ref,
        outcomes.outcome_type,
        outcomes.outcome_date,
        {{ month_start('outcomes.outcome_date') }} as outcome_month_date,
        outcomes.outcome_order = latest.outcome_order as is_latest
    from outcomes
    inner join latest on outcomes.crime_ref = latest.crime_ref
)

select * from final
