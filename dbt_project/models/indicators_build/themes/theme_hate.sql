{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget_touched_months('int_crime_touched_months') }}"
) }}

-- touched months first, and outcomes then: DuckDB skips other months where nothing is joined yet
with crimes as (
    select * from {{ ref('fct_crime') }}
    where
        is_hate_crime
        {{ only_touched_months('recorded_month_date', ref('int_crime_touched_months'), 'and') }}
),

crimes_with_outcome as (
    select
        *,
        {{ month_start('latest_outcome_date') }} as given_month_date
    from {{ ref('fct_crime') }}
    where
        is_hate_crime
        and latest_outcome_type <> '0'
        {{ only_touched_months(month_start('latest_outcome_date'), ref('int_crime_touched_months'), 'and') }}
),

{% for judged, crimes in [('recorded_crimes', 'crimes'), ('given_crimes', 'crimes_with_outcome')] -%}
{{ judged }} as (
    select
        {{ crimes }}.*,
        published.outcome_type is not null as is_positive,
        one_to_eight.outcome_type is not null as is_positive_1_to_8,
        with_22.outcome_type is not null as is_positive_with_22
    from {{ crimes }}
    {{ join_positive_outcomes(crimes, 'published_2018_19', 'published') }}
    {{ join_positive_outcomes(crimes, 'all_1_to_8', 'one_to_eight') }}
    {{ join_positive_outcomes(crimes, 'with_22', 'with_22') }}
),

{% endfor -%}
recorded as (
    select
        recorded_month_date as month_date,
        {{ places() }},
        count(*) as hate_crimes,
        count(*) filter (where is_positive) as hate_crime_positive_outcome_rate__numerator,
        count(*) as hate_crime_positive_outcome_rate__denominator,
        count(*) filter (where is_positive_1_to_8) as hate_crime_positive_outcome_rate_1_to_8__numerator,
        count(*) as hate_crime_positive_outcome_rate_1_to_8__denominator,
        count(*) filter (where is_positive_with_22) as hate_crime_positive_outcome_rate_with_22__numerator,
        count(*) as hate_crime_positive_outcome_rate_with_22__denominator
    from recorded_crimes
    group by all
),

outcome_given as (
    select
        given_month_date as month_date,
        {{ places() }},
        count(*) filter (where is_positive) as hate_crime_positive_outcome_rate_given__numerator,
        count(*) as hate_crime_positive_outcome_rate_given__denominator,
        count(*) filter (where is_positive_1_to_8) as hate_crime_positive_outcome_rate_1_to_8_given__numerator,
        count(*) as hate_crime_positive_outcome_rate_1_to_8_given__denominator,
        count(*) filter (where is_positive_with_22) as hate_crime_positive_outcome_rate_with_22_given__numerator,
        count(*) as hate_crime_positive_outcome_rate_with_22_given__denominator
    from given_crimes
    group by all
),

final as (
    {{ unpivot_measures('recorded') }}
    union all
    {{ unpivot_measures('outcome_given') }}
)

select * from final
order by month_date
