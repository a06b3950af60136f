-- The whole periods for which an indicator has a figure, zeros included: every month of the period is covered by every
-- record feed that the indicator counts from.
with register as (
    select
        indicator_id,
        first_period_start,
        area_types,
        source_feeds
    from {{ ref('dim_indicator') }}
    where valid_to is null
),

record_feeds as (
    select
        indicator_id,
        trim(feed) as feed
    from (
        select
            indicator_id,
            {{ list_entries('source_feeds') }} as feed
        from register
    ) as listed
    where feed not like 'ons!_%' escape '!'
),

needed as (
    select
        indicator_id,
        count(*) as feeds_count
    from record_feeds
    group by indicator_id
),

covered as (
    select
        register.indicator_id,
        coverage.area_type,
        coverage.area_code,
        coverage.month_date,
        min(coverage.extracted_at) as extracted_at
    from register
    inner join needed on register.indicator_id = needed.indicator_id
    inner join record_feeds on register.indicator_id = record_feeds.indicator_id
    inner join {{ ref('feed_coverage') }} as coverage
        on
            record_feeds.feed = coverage.feed
            and coverage.month_date >= register.first_period_start
            and concat(';', register.area_types, ';') like concat('%;', coverage.area_type, ';%')
    group by register.indicator_id, coverage.area_type, coverage.area_code, coverage.month_date, needed.feeds_count
    having count(*) = needed.feeds_count
),

-- a rule that looks back some months needs them all: no figure for the periods in which it would look past the first
-- record
look_back as (
    select
        indicator_id,
        max(window_months) as window_months
    from {{ ref('repeat_rules') }}
    where window_type = 'rolling_months'
    group by indicator_id
),

first_months as (
    select
        indicator_id,
        area_type,
        area_code,
        min(month_date) as first_month_date
    from covered
    group by indicator_id, area_type, area_code
),

final as (
    select
        covered.indicator_id,
        periods.period_type,
        periods.period_start,
        periods.period_end,
        covered.area_type,
        covered.area_code,
        min(covered.extracted_at) as extracted_at
    from covered
    inner join {{ ref('indicator_periods') }} as periods on covered.month_date = periods.month_date
    inner join first_months
        on
            covered.indicator_id = first_months.indicator_id
            and covered.area_type = first_months.area_type
            and covered.area_code = first_months.area_code
    left join look_back on covered.indicator_id = look_back.indicator_id
    where
        look_back.indicator_id is null
        or {{ first_day_of_months('periods.period_end', 'look_back.window_months') }} >= first_months.first_month_date
    group by
        covered.indicator_id, periods.period_type, periods.period_start, periods.period_end, periods.months_count,
        covered.area_type, covered.area_code
    having count(*) = periods.months_count
)

select * from final
