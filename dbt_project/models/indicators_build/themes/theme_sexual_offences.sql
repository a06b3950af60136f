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
        count(*) as sexual_offences,
        count(*) filter (where offence_subgroup = 'rape') as rape,
        count(*) filter (where offence_subgroup = 'other_sexual_offences') as other_sexual_offences,
        count(*) filter (where recency_band = 'current') as sexual_offences_current,
        count(*) filter (where recency_band = 'non_recent') as sexual_offences_non_recent,
        count(*) filter (where recency_band = 'historic') as sexual_offences_historic
    from {{ ref('fct_crime') }}
    where
        offence_group = 'sexual_offences'
        {{ only_touched_months('recorded_month_date', ref('int_crime_touched_months'), 'and') }}
    group by all
),

final as (
    {{ unpivot_measures('recorded') }}
)

select * from final
order by month_date
