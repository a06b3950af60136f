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
        count(*) filter (where offence_group = 'violence_against_the_person') as violence_against_the_person,
        count(*) filter (where offence_subgroup = 'violence_with_injury') as violence_with_injury,
        count(*) filter (where offence_subgroup = 'violence_without_injury') as violence_without_injury,
        count(*) filter (where offence_subgroup = 'stalking_and_harassment') as stalking_and_harassment,
        count(*) filter (where is_knife) as knife_crimes
    from {{ ref('fct_crime') }}
    where
        (offence_group = 'violence_against_the_person' or is_knife)
        {{ only_touched_months('recorded_month_date', ref('int_crime_touched_months'), 'and') }}
    group by all
),

committed as (
    select
        committed_month_date as month_date,
        {{ places() }},
        count(*) filter (where offence_group = 'violence_against_the_person') as violence_against_the_person_committed
    from {{ ref('fct_crime') }}
    where
        offence_group = 'violence_against_the_person'
        {{ only_touched_months('committed_month_date', ref('int_crime_touched_months'), 'and') }}
    group by all
),

final as (
    {{ unpivot_measures('recorded') }}
    union all
    {{ unpivot_measures('committed') }}
)

select * from final
order by month_date
