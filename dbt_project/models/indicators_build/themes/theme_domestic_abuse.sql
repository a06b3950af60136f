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
        count(*) filter (where is_domestic_abuse) as domestic_abuse_crimes,
        count(*) filter (where is_honour_based_violence) as honour_based_violence_crimes,
        count(*) filter (where is_forced_marriage) as forced_marriage_crimes
    from {{ ref('fct_crime') }}
    where
        (is_domestic_abuse or is_honour_based_violence or is_forced_marriage)
        {{ only_touched_months('recorded_month_date', ref('int_crime_touched_months'), 'and') }}
    group by all
),

final as (
    {{ unpivot_measures('recorded') }}
)

select * from final
order by month_date
