-- Each target or expected level with each figure of its indicator, area and period type,
-- where the period ends while it is in force.
with register as (
    select * from {{ ref('dim_indicator') }}
    where valid_to is null
),

targets as (
    select * from {{ ref('indicator_targets') }}
),

figures as (
    select * from {{ ref('indicator_values') }}
),

final as (
    select
        register.priority,
        register.plan_area,
        figures.indicator_id,
        figures.area_type,
        figures.area_code,
        figures.period_type,
        figures.period_start,
        figures.period_end,
        cast(targets.value as double) as target,
        targets.better,
        figures.numerator,
        figures.denominator,
        figures.value,
        case
            when targets.better = 'higher' then figures.value >= cast(targets.value as double)
            when targets.better = 'lower' then figures.value <= cast(targets.value as double)
        end as is_target_met,
        figures.maturity,
        targets.source
    from targets
    inner join register on targets.indicator_id = register.indicator_id
    inner join figures
        on
            targets.indicator_id = figures.indicator_id
            and targets.area_type = figures.area_type
            and targets.area_code = figures.area_code
            and targets.period_type = figures.period_type
            and figures.period_end >= targets.valid_from
            and (targets.valid_to is null or figures.period_end <= targets.valid_to)
)

select * from final
