with perpetrators as (
    select * from {{ ref('fct_da_service') }}
    where service = 'perpetrator_programme' and started_date is not null
),

started as (
    select
        started_month_date as month_date,
        {{ partnership_place() }},
        count(*) as perpetrator_programme_starts
    from perpetrators
    group by all
),

ended as (
    select
        ended_month_date as month_date,
        {{ partnership_place() }},
        count(*) filter (where ending = 'completed_positively') as perpetrator_programme_positive_completions,
        count(*) filter (where ending = 'completed_positively')
            as perpetrator_programme_positive_completion_rate__numerator,
        count(*) as perpetrator_programme_positive_completion_rate__denominator
    from perpetrators
    where ended_date is not null
    group by all
),

final as (
    {{ unpivot_measures('started') }}
    union all
    {{ unpivot_measures('ended') }}
)

select * from final
