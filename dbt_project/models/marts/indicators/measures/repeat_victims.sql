-- Persons with at least so many events, by the dated rules of `repeat_rules`: within the period itself, or within the
-- days that end with it. The rule in force at the period's end judges the whole period.
with events as (
    {{ repeat_events() }}
),

rules as (
    select
        repeat_rules.*,
        register.area_types
    from {{ ref('repeat_rules') }} as repeat_rules
    inner join {{ ref('dim_indicator') }} as register
        on repeat_rules.indicator_id = register.indicator_id and register.valid_to is null
),

placed as (
    {% for area_type in ['force', 'csp'] %}
    select
        rules.rule_id,
        rules.valid_from,
        rules.min_events,
        '{{ area_type }}' as area_type,
        events.{{ area_type }}_code as area_code,
        events.person_key,
        events.event_date
    from events
    inner join rules on events.event_set = rules.event_set and events.person = rules.person
    where
        events.{{ area_type }}_code is not null
        and concat(';', rules.area_types, ';') like '%;{{ area_type }};%'
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

frequent as (
    select *
    from placed
    qualify count(*) over (partition by rule_id, valid_from, area_type, area_code, person_key) >= min_events
),

windows as (
    select
        rules.rule_id,
        rules.valid_from,
        rules.min_events,
        coverage.*,
        case
            when rules.window_type = 'rolling_days'
                then {{ add_days('coverage.period_end', '1 - rules.window_days') }}
            else coverage.period_start
        end as window_start
    from rules
    inner join {{ ref('indicator_coverage') }} as coverage
        on
            rules.indicator_id = coverage.indicator_id
            and coverage.period_end >= rules.valid_from
            and (rules.valid_to is null or coverage.period_end <= rules.valid_to)
),

persons as (
    select
        windows.rule_id,
        windows.period_type,
        windows.period_start,
        windows.area_type,
        windows.area_code,
        frequent.person_key,
        count(*) as events_count
    from windows
    inner join frequent
        on
            windows.rule_id = frequent.rule_id
            and windows.valid_from = frequent.valid_from
            and windows.area_type = frequent.area_type
            and windows.area_code = frequent.area_code
            and frequent.event_date between windows.window_start and windows.period_end
    group by
        windows.rule_id, windows.period_type, windows.period_start, windows.area_type, windows.area_code,
        frequent.person_key, windows.min_events
    having count(*) >= windows.min_events
),

repeats as (
    select
        rule_id,
        period_type,
        period_start,
        area_type,
        area_code,
        count(*) as persons_count,
        sum(events_count) as events_count
    from persons
    group by rule_id, period_type, period_start, area_type, area_code
),

final as (
    select
        windows.rule_id,
        windows.indicator_id,
        windows.period_type,
        windows.period_start,
        windows.period_end,
        windows.window_start,
        windows.area_type,
        windows.area_code,
        cast(windows.min_events as integer) as min_events_count,
        cast(coalesce(repeats.persons_count, 0) as bigint) as persons_count,
        cast(coalesce(repeats.events_count, 0) as bigint) as events_count
    from windows
    left join repeats
        on
            windows.rule_id = repeats.rule_id
            and windows.period_type = repeats.period_type
            and windows.period_start = repeats.period_start
            and windows.area_type = repeats.area_type
            and windows.area_code = repeats.area_code
)

select * from final
