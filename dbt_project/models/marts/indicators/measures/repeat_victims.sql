{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['rule_id', 'period_type', 'period_start', 'area_type', 'area_code'],
    on_schema_change='fail',
    pre_hook="{{ forget_uncovered_windows() }}"
) }}

-- Persons with at least so many events, by the dated rules of `repeat_rules`: within the period itself, or within the
-- days that end with it. The rule in force at the period's end judges the whole period.
with rules as (
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
        rules.person,
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

thirteen as (
    -- No window is longer than a year, and one of 365 days may touch thirteen months.
    {{ integers_to(12) }}
),

counted_months as (
    select distinct
        windows.event_set,
        {{ add_months(month_start('windows.window_start'), 'thirteen.n') }} as month_date
    from windows
    cross join thirteen
    where {{ add_months(month_start('windows.window_start'), 'thirteen.n') }} <= windows.period_end
),

events as (
    {{ repeat_events('counted_months') }}
),

counted_sets as (
    -- What rules count in an area: rules that differ in their windows alone look at the same events.
    select
        event_set,
        person,
        min_events,
        area_type,
        area_code,
        row_number() over (order by event_set, person, min_events, area_type, area_code) as set_no,
        min(window_start) as first_day
    from windows
    group by event_set, person, min_events, area_type, area_code
),

placed as (
    {% for area_type in ['force', 'csp'] %}
    select
        counted_sets.set_no,
        counted_sets.min_events,
        events.person_key,
        events.event_date
    from events
    inner join counted_sets
        on
            events.event_set = counted_sets.event_set
            and events.person = counted_sets.person
            and events.{{ area_type }}_code = counted_sets.area_code
    where counted_sets.area_type = '{{ area_type }}' and events.event_date >= counted_sets.first_day
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

numbered as (
    -- Each event beside the person's others: `enough_since` is the day since when there were enough up to this one,
    -- `enough_by` the day by which there are enough from this one on.
    select
        set_no,
        event_date,
        row_number() over by_day as event_no,
        lag(event_date) over by_day as event_date_before,
        lead(event_date) over by_day as event_date_after,
        {{ lag_by('event_date', 'min_events - 1', 'by_day') }} as enough_since,
        {{ lead_by('event_date', 'min_events - 1', 'by_day') }} as enough_by
    from placed
    window by_day as (partition by set_no, person_key order by event_date)
),

near as (
    -- Only an event with enough others within a year of it can begin or end a repeat: no window is longer.
    select
        *,
        {{ month_start('event_date') }} as month_date
    from numbered
    where
        enough_since >= {{ add_days('event_date', -366) }}
        or enough_by <= {{ add_days('event_date', 366) }}
),

months as (
    select distinct month_date from near
),

window_months as (
    -- Each window by the months that it touches: joined by month, an event is held only against windows near it.
    select
        windows.window_no,
        windows.window_start,
        windows.period_end,
        counted_sets.set_no,
        months.month_date
    from windows
    inner join counted_sets
        on
            windows.event_set = counted_sets.event_set
            and windows.person = counted_sets.person
            and windows.min_events = counted_sets.min_events
            and windows.area_type = counted_sets.area_type
            and windows.area_code = counted_sets.area_code
    inner join months
        on months.month_date between {{ month_start('windows.window_start') }} and windows.period_end
),

bounds as (
    -- A person repeats in a window where the last event in it has enough others up to the window's start; the same
    -- person's first event there has enough others up to its end. So each person is met twice, and never grouped.
    select
        window_months.window_no,
        near.event_no,
        coalesce(
            near.enough_since >= window_months.window_start
            and (near.event_date_after is null or near.event_date_after > window_months.period_end), false
        ) as is_last,
        coalesce(
            near.enough_by <= window_months.period_end
            and (near.event_date_before is null or near.event_date_before < window_months.window_start), false
        ) as is_first
    from window_months
    inner join near
        on
            window_months.set_no = near.set_no
            and window_months.month_date = near.month_date
    where near.event_date between window_months.window_start and window_months.period_end
),

repeats as (
    select
        window_no,
        count(*) filter (where is_last) as persons_count,
        sum(case when is_last then event_no + 1 else 0 end - case when is_first then event_no else 0 end)
            as events_count
    from bounds
    where is_last or is_first
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
