with recorded as (
    select
        recorded_month_date as month_date,
        {{ places() }},
        count(*) filter (where is_domestic_abuse) as domestic_abuse_crimes,
        count(*) filter (where is_honour_based_violence) as honour_based_violence_crimes,
        count(*) filter (where is_forced_marriage) as forced_marriage_crimes
    from {{ ref('fct_crime') }}
    where is_domestic_abuse or is_honour_based_violence or is_forced_marriage
    group by all
),

opened as (
    select
        opened_month_date as month_date,
        {{ places() }},
        count(*) as domestic_abuse_incidents
    from {{ ref('fct_incident') }}
    where closing_category = 'domestic_abuse'
    group by all
),

final as (
    {{ unpivot_measures('recorded') }}
    union all
    {{ unpivot_measures('opened') }}
)

select * from final
