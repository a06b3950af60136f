{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget_touched_months('int_crime_touched_months') }}"
) }}

with committed as (
    select
        committed_month_date as month_date,
        {{ places() }},
        count(*) as residential_burglary_committed
    from {{ ref('fct_crime') }}
    where
        offence_subgroup in ('burglary_dwelling', 'residential_burglary')
        {{ only_touched_months('committed_month_date', ref('int_crime_touched_months'), 'and') }}
    group by all
),

final as (
    {{ unpivot_measures('committed') }}
)

select * from final
order by month_date
