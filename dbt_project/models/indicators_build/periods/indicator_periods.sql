-- The months of every period: a rolling twelve months ends with each month, and overlaps its neighbours.
with months as (
    select distinct month_start_date as month_date
    from {{ ref('dim_date') }}
),

lengths as (
    select
        'month' as period_type,
        1 as months_count
    union all
    select
        'quarter' as period_type,
        3 as months_count
    union all
    select
        'year' as period_type,
        12 as months_count
    union all
    select
        'rolling_12m' as period_type,
        12 as months_count
),

starts as (
    select
        lengths.period_type,
        lengths.months_count,
        months.month_date as period_start,
        {{ last_day_of_months('months.month_date', 'lengths.months_count') }} as period_end
    from months
    cross join lengths
    where
        lengths.period_type in ('month', 'rolling_12m')
        or (lengths.period_type = 'quarter' and extract(month from months.month_date) in (1, 4, 7, 10))
        or (lengths.period_type = 'year' and extract(month from months.month_date) = 4)
),

final as (
    select
        starts.period_type,
        starts.period_start,
        starts.period_end,
        months.month_date,
        starts.months_count
    from starts
    inner join months on months.month_date >= starts.period_start and months.month_date <= starts.period_end
)

select * from final
