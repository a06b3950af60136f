with episodes as (
    select * from {{ ref('fct_treatment_episode') }}
),

ended as (
    select
        ended_month_date as month_date,
        {{ partnership_place() }},
        count(*) filter (where ending = 'completed') as treatment_completions,
        count(*) filter (where ending = 'completed') as treatment_completion_rate__numerator,
        count(*) as treatment_completion_rate__denominator
    from episodes
    where ended_date is not null and substance_group <> 'none'
    group by all
),

started as (
    select
        started_month_date as month_date,
        {{ partnership_place() }},
        count(*) filter (where is_mental_health_requirement) as mental_health_treatment_requirements
    from episodes
    group by all
),

final as (
    {{ unpivot_measures('ended') }}
    union all
    {{ unpivot_measures('started') }}
)

select * from final
