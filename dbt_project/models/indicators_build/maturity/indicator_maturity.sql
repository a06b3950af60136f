-- Whether an indicator's figure for a period is final: so many days must lie between the period's end and the moment
-- that the least fresh of its feeds was extracted, as `maturity_rules` says. The longest of the rules that match
-- applies; a measure by the day of committing also waits until its own crimes had been recorded.
with register as (
    select * from {{ ref('dim_indicator') }}
    where valid_to is null
),

rules as (
    select * from {{ ref('maturity_rules') }}
    where valid_to is null
),

waits as (
    select
        register.indicator_id,
        greatest(max(rules.min_days), coalesce(max(lags.lag_days_count), 0)) as min_days_count
    from register
    inner join rules
        on
            (
                rules.source_feed is null
                or concat(';', register.source_feeds, ';') like concat('%;', rules.source_feed, ';%')
            )
            and (rules.date_basis is null or register.date_basis = rules.date_basis)
            and (rules.unit is null or register.unit = rules.unit)
    left join {{ ref('recording_lag') }} as lags on register.indicator_id = lags.indicator_id
    group by register.indicator_id
),

periods as (
    select
        indicator_id,
        period_type,
        period_start,
        period_end,
        min(extracted_at) as extracted_at
    from {{ ref('indicator_coverage') }}
    group by indicator_id, period_type, period_start, period_end
),

aged as (
    select
        periods.*,
        waits.min_days_count,
        {{ days_between('periods.period_end', 'cast(periods.extracted_at as date)') }} as age_days
    from periods
    inner join waits on periods.indicator_id = waits.indicator_id
),

final as (
    select
        indicator_id,
        period_type,
        period_start,
        period_end,
        age_days,
        cast(min_days_count as integer) as min_days_count,
        case when age_days >= min_days_count then 'final' else 'maturing' end as maturity
    from aged
)

select * from final
