-- Each quarter and year beside the one before it, and each quarter beside the same quarter a year before, with whether
-- the change is more than chance would make: two-sided, at 95%.
with figures as (
    select
        figures.*,
        exceptions.indicator_id is null and figures.unit <> 'hours' as is_testable
    from {{ ref('indicator_values') }} as figures
    left join {{ ref('interval_exceptions') }} as exceptions on figures.indicator_id = exceptions.indicator_id
    where figures.area_type in ('csp', 'force') and figures.period_type in ('quarter', 'year')
),

comparisons as (
    select
        'quarter' as period_type,
        'period_before' as compared_with,
        3 as months_count
    union all
    select
        'quarter' as period_type,
        'year_before' as compared_with,
        12 as months_count
    union all
    select
        'year' as period_type,
        'period_before' as compared_with,
        12 as months_count
),

paired as (
    select
        later.*,
        comparisons.compared_with,
        earlier.period_start as earlier_period_start,
        earlier.numerator as earlier_numerator,
        earlier.denominator as earlier_denominator,
        earlier.value as earlier_value,
        case when later.maturity = 'final' and earlier.maturity = 'final' then 'final' else 'maturing' end
            as change_maturity
    from figures as later
    inner join comparisons on later.period_type = comparisons.period_type
    inner join figures as earlier
        on
            later.indicator_id = earlier.indicator_id
            and later.period_type = earlier.period_type
            and later.area_type = earlier.area_type
            and later.area_code = earlier.area_code
            and earlier.period_start = {{ add_months('later.period_start', '-comparisons.months_count') }}
),

tested as (
    select
        *,
        case
            when not is_testable then null
            when unit = 'percent'
                then {{ z_of_proportions('earlier_numerator', 'earlier_denominator', 'numerator', 'denominator') }}
            else {{ z_of_counts('earlier_numerator', 'numerator') }}
        end as z_score
    from paired
),

final as (
    select
        indicator_id,
        period_type,
        period_start,
        period_end,
        area_type,
        area_code,
        compared_with,
        earlier_period_start,
        earlier_value,
        value,
        value - earlier_value as change,
        100 * (value - earlier_value) / nullif(earlier_value, 0) as change_pct,
        z_score,
        case when is_testable then coalesce(abs(z_score) >= {{ z_95() }}, false) end as is_more_than_chance,
        change_maturity as maturity
    from tested
)

select * from final
