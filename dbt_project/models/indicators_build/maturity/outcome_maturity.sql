-- Maturity of the indicators that the ladder judges, in every period and area: final when each quarter that the period
-- touches is, and as complete as the least complete of them. A period with a quarter yet to come has no row.
with measures as (
    select * from {{ ref('ladder_indicators') }}
    where valid_to is null
),

quarters as (
    select distinct
        period_type,
        period_start,
        period_end,
        cast(date_trunc('quarter', month_date) as date) as cohort_start_date
    from {{ ref('indicator_periods') }}
),

needed as (
    select
        period_type,
        period_start,
        count(*) as quarters_count
    from quarters
    group by period_type, period_start
),

final as (
    select
        measures.indicator_id,
        quarters.period_type,
        quarters.period_start,
        quarters.period_end,
        cohorts.area_type,
        cohorts.area_code,
        case when min(case when cohorts.is_final then 1 else 0 end) = 1 then 'final' else 'maturing' end as maturity,
        min(coalesce(cohorts.completeness, 0)) as completeness
    from measures
    inner join {{ ref('outcome_projection') }} as cohorts
        on measures.measure = cohorts.measure and measures.outcome_set = cohorts.outcome_set
    inner join quarters on cohorts.cohort_start_date = quarters.cohort_start_date
    inner join needed on quarters.period_type = needed.period_type and quarters.period_start = needed.period_start
    group by
        measures.indicator_id, quarters.period_type, quarters.period_start, quarters.period_end, cohorts.area_type,
        cohorts.area_code, needed.quarters_count
    having count(*) = needed.quarters_count
)

select * from final
