{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['rule_id', 'period_type', 'period_start', 'area_type', 'area_code'],
    on_schema_change='fail',
    pre_hook="{{ forget_uncovered_windows() }}"
) }}

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

touched_months as (
    select month_date from {{ ref('int_crime_touched_months') }}
),

every_window as (
    select
        rules.rule_id,
        rules.valid_from,
        rules.min_events,
        rules.event_set,
        coverage.*,
        row_number() over (
            order by
                rules.rule_id, rules.valid_from, coverage.period_type, coverage.period_start,
                coverage.area_type, coverage.area_code
        ) as window_no,
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

windows as (
    -- An incremental run counts again the windows that a changed crime may stand in, and those it has not counted yet.
    select every_window.*
    from every_window
    {% if is_incremental() -%}
    left join {{ this }} as counted
        on
            every_window.rule_id = counted.rule_id
            and every_window.period_type = counted.period_type
            and every_window.period_start = counted.period_start
            and every_window.area_type = counted.area_type
            and every_window.area_code = counted.area_code
    where
        counted.rule_id is null
        or every_window.event_set not in ({{ crime_event_sets() }})
        or exists (
            select 1 from touched_months as touched
            where
                touched.month_date
                between {{ month_start('every_window.window_start') }} and every_window.period_end
        )
    {%- endif %}
),

first_days as (
    select
        rule_id,
        valid_from,
        min(window_start) as first_day
    from windows
    group by rule_id, valid_from
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
    inner join first_days on rules.rule_id = first_days.rule_id and rules.valid_from = first_days.valid_from
    where
        events.event_date >= first_days.first_day
        and events.{{ area_type }}_code is not null
        and concat(';', rules.area_types, ';') like '%;{{ area_type }};%'
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

near as (
    -- Only an event with enough others within a year of it can stand in a window with them: no window is longer.
    select
        *,
        {{ month_start('event_date') }} as month_date
    from placed
    qualify
        count(*) over (
            partition by rule_id, valid_from, area_type, area_code, person_key
            order by event_date
            range between interval 366 days preceding and interval 366 days following
        ) >= min_events
),

months as (
    select distinct month_date from near
),

window_months as (
    -- Each window by the months that it touches: joined by month, an event is held only against windows near it.
    select
        windows.*,
        months.month_date
    from windows
    inner join months
        on months.month_date between {{ month_start('windows.window_start') }} and windows.period_end
),

persons as (
    select
        window_months.window_no,
        near.person_key,
        count(*) as events_count
    from window_months
    inner join near
        on
            window_months.rule_id = near.rule_id
            and window_months.valid_from = near.valid_from
            and window_months.area_type = near.area_type
            and window_months.area_code = near.area_code
            and window_months.month_date = near.month_date
    where near.event_date between window_months.window_start and window_months.period_end
    group by window_months.window_no, near.person_key, window_months.min_events
    having count(*) >= window_months.min_events
),

repeats as (
    select
        window_no,
        count(*) as persons_count,
        sum(events_count) as events_count
    from persons
    group by window_no
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
    left join repeats on windows.window_no = repeats.window_no
)

select * from final
