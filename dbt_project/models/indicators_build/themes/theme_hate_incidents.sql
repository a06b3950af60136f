-- an incident counts once under each of its strands, and once in hate_incidents: strands are never summed
with opened as (
    select
        opened_month_date as month_date,
        {{ places() }},
        count(*) as hate_incidents,
        count(*) filter (where is_hate_race) as hate_incidents_race,
        count(*) filter (where is_hate_religion) as hate_incidents_religion,
        count(*) filter (where is_hate_disability) as hate_incidents_disability,
        count(*) filter (where is_hate_sexual_orientation) as hate_incidents_sexual_orientation,
        count(*) filter (where is_hate_transgender) as hate_incidents_transgender
    from {{ ref('fct_incident') }}
    where closing_category = 'hate_non_crime'
    group by all
),

final as (
    {{ unpivot_measures('opened') }}
)

select * from final
