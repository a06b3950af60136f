with incidents as (
    select * from {{ ref('fct_incident') }}
    where closing_category = 'hate_non_crime'
),

crimes as (
    select
        crimes.*,
        published.outcome_type is not null as is_positive,
        one_to_eight.outcome_type is not null as is_positive_1_to_8,
        with_22.outcome_type is not null as is_positive_with_22
    from {{ ref('fct_crime') }} as crimes
    {{ join_positive_outcomes('crimes', 'published_2018_19', 'published') }}
    {{ join_positive_outcomes('crimes', 'all_1_to_8', 'one_to_eight') }}
    {{ join_positive_outcomes('crimes', 'with_22', 'with_22') }}
    where crimes.is_hate_crime
),

-- an incident counts once under each of its strands, and once in hate_incidents: strands are never summed
opened as (
    select
        opened_month_date as month_date,
        {{ places() }},
        count(*) as hate_incidents,
        count(*) filter (where is_hate_race) as hate_incidents_race,
        count(*) filter (where is_hate_religion) as hate_incidents_religion,
        count(*) filter (where is_hate_disability) as hate_incidents_disability,
        count(*) filter (where is_hate_sexual_orientation) as hate_incidents_sexual_orientation,
        count(*) filter (where is_hate_transgender) as hate_incidents_transgender
    from incidents
    group by all
),

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
    from crimes
    group by all
),

outcome_given as (
    select
        {{ month_start('latest_outcome_date') }} as month_date,
        {{ places() }},
        count(*) filter (where is_positive) as hate_crime_positive_outcome_rate_given__numerator,
        count(*) as hate_crime_positive_outcome_rate_given__denominator,
        count(*) filter (where is_positive_1_to_8) as hate_crime_positive_outcome_rate_1_to_8_given__numerator,
        count(*) as hate_crime_positive_outcome_rate_1_to_8_given__denominator,
        count(*) filter (where is_positive_with_22) as hate_crime_positive_outcome_rate_with_22_given__numerator,
        count(*) as hate_crime_positive_outcome_rate_with_22_given__denominator
    from crimes
    where latest_outcome_type <> '0'
    group by all
),

final as (
    {{ unpivot_measures('opened') }}
    union all
    {{ unpivot_measures('recorded') }}
    union all
    {{ unpivot_measures('outcome_given') }}
)

select * from final
