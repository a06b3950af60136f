with opened as (
    select
        opened_month_date as month_date,
        {{ places() }},
        count(*) as asb_incidents_police,
        count(*) filter (where asb_qualifier = 'vehicle_nuisance') as asb_vehicle_nuisance,
        count(*) filter (where asb_qualifier = 'vehicle_nuisance') as asb_vehicle_nuisance_share__numerator,
        count(*) as asb_vehicle_nuisance_share__denominator
    from {{ ref('fct_incident') }}
    where is_asb
    group by all
),

reported as (
    select
        reported_month_date as month_date,
        {{ places() }},
        count(*) as asb_reports_council
    from {{ ref('fct_asb_report') }}
    group by all
),

final as (
    {{ unpivot_measures('opened') }}
    union all
    {{ unpivot_measures('reported') }}
)

select * from final
