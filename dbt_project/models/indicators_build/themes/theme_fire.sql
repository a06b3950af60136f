with attended as (
    select
        incident_month_date as month_date,
        {{ places() }},
        count(*) filter (where kind in ('deliberate_primary', 'deliberate_secondary')) as deliberate_fires
    from {{ ref('fct_fire') }}
    group by all
),

final as (
    {{ unpivot_measures('attended') }}
)

select * from final
