with opened as (
    select
        opened_month_date as month_date,
        {{ places() }},
        count(*) as domestic_abuse_incidents
    from {{ ref('fct_incident') }}
    where closing_category = 'domestic_abuse'
    group by all
),

final as (
    {{ unpivot_measures('opened') }}
)

select * from final
