with committed as (
    select
        committed_month_date as month_date,
        {{ places() }},
        count(*) as residential_burglary_committed
    from {{ ref('fct_crime') }}
    where offence_subgroup in ('burglary_dwelling', 'residential_burglary')
    group by all
),

final as (
    {{ unpivot_measures('committed') }}
)

select * from final
