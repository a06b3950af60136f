{#
    Every window in which a rule of `repeat_rules` counts persons: the days of a covered period, or the calendar months
    that end with it, as the rule says. The rule in force at the period's end judges the whole period. Key: window_no.
#}
{% macro repeat_windows() %}
    with rules as (
        select
            repeat_rules.*,
            register.area_types
        from {{ ref('repeat_rules') }} as repeat_rules
        inner join {{ ref('dim_indicator') }} as register
            on repeat_rules.indicator_id = register.indicator_id and register.valid_to is null
    )

    select
        rules.rule_id,
        rules.valid_from,
        rules.min_events,
        rules.event_set,
        rules.person,
        coverage.*,
        row_number() over (
            order by
                rules.rule_id, rules.valid_from, coverage.period_type, coverage.period_start,
                coverage.area_type, coverage.area_code
        ) as window_no,
        case
            when rules.window_type = 'rolling_months'
                then {{ first_day_of_months('coverage.period_end', 'rules.window_months') }}
            else coverage.period_start
        end as window_start
    from rules
    inner join {{ ref('indicator_coverage') }} as coverage
        on
            rules.indicator_id = coverage.indicator_id
            and coverage.period_end >= rules.valid_from
            and (rules.valid_to is null or coverage.period_end <= rules.valid_to)
{% endmacro %}
