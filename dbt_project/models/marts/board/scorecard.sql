-- One row per indicator for the quarter and for the year, in the plan's order: the latest final figure of the home area
-- beside the one before it, its target, its interval, and its caveats; and the newest figure, marked where it matures.
with register as (
    select * from {{ ref('dim_indicator') }}
    where valid_to is null
),

plan_order as (
    select
        priority,
        area as plan_area,
        sort_order
    from {{ ref('plan_priorities') }}
    where plan = '2022 to 2025'
),

home_areas as (
    select
        'csp' as area_type,
        csp_code as area_code
    from {{ ref('int_home_area') }}
    union all
    select
        'force' as area_type,
        force_code as area_code
    from {{ ref('int_home_area') }}
),

figures as (
    select figures.*
    from {{ ref('indicator_values') }} as figures
    inner join register on figures.indicator_id = register.indicator_id
    inner join home_areas on figures.area_type = home_areas.area_type and figures.area_code = home_areas.area_code
    where
        figures.period_type in ('quarter', 'year')
        and (figures.area_type = 'csp' or register.area_types = 'force')
),

newest as (
    select *
    from figures
    qualify row_number() over (partition by indicator_id, period_type order by period_start desc) = 1
),

latest_final as (
    select *
    from figures
    where maturity = 'final' and value is not null
    qualify row_number() over (partition by indicator_id, period_type order by period_start desc) = 1
),

caveats as (
    select
        newest.indicator_id,
        newest.period_type,
        {{ joined_sentences('caveats.caveat_text', 'caveats.caveat_id') }} as caveat_text
    from newest
    left join latest_final
        on newest.indicator_id = latest_final.indicator_id and newest.period_type = latest_final.period_type
    inner join {{ ref('figure_caveats') }} as caveats
        on
            newest.indicator_id = caveats.indicator_id
            and (caveats.period_start is null or caveats.period_start <= newest.period_end)
            and (
                caveats.period_end is null
                or caveats.period_end >= coalesce(latest_final.period_start, newest.period_start)
            )
    group by newest.indicator_id, newest.period_type
),

final as (
    select
        cast(coalesce(plan_order.sort_order, 0) as integer) as sort_order,
        register.priority,
        register.plan_area,
        newest.indicator_id,
        register.title,
        register.unit,
        register.better,
        newest.area_type,
        newest.area_code,
        newest.period_type,
        latest_final.period_start,
        latest_final.period_end,
        latest_final.numerator,
        latest_final.denominator,
        latest_final.value,
        intervals.lower_95,
        intervals.upper_95,
        changes.earlier_period_start as previous_period_start,
        changes.earlier_value as previous_value,
        changes.change,
        changes.change_pct,
        changes.is_more_than_chance,
        targets.target,
        targets.is_target_met,
        newest.period_start as newest_period_start,
        newest.value as newest_value,
        newest.maturity as newest_maturity,
        caveats.caveat_text
    from newest
    inner join register on newest.indicator_id = register.indicator_id
    left join plan_order on register.priority = plan_order.priority and register.plan_area = plan_order.plan_area
    left join latest_final
        on newest.indicator_id = latest_final.indicator_id and newest.period_type = latest_final.period_type
    left join {{ ref('indicator_intervals') }} as intervals
        on
            latest_final.indicator_id = intervals.indicator_id
            and latest_final.period_type = intervals.period_type
            and latest_final.period_start = intervals.period_start
            and latest_final.area_type = intervals.area_type
            and latest_final.area_code = intervals.area_code
    left join {{ ref('indicator_changes') }} as changes
        on
            latest_final.indicator_id = changes.indicator_id
            and latest_final.period_type = changes.period_type
            and latest_final.period_start = changes.period_start
            and latest_final.area_type = changes.area_type
            and latest_final.area_code = changes.area_code
            and changes.compared_with = 'period_before'
    left join {{ ref('targets') }} as targets
        on
            latest_final.indicator_id = targets.indicator_id
            and latest_final.area_type = targets.area_type
            and latest_final.area_code = targets.area_code
            and latest_final.period_type = targets.period_type
            and latest_final.period_start = targets.period_start
    left join caveats
        on newest.indicator_id = caveats.indicator_id and newest.period_type = caveats.period_type
)

select * from final
