{#
    Persons with enough events in each window, and those persons' events there; a window without one has no row.

    `windows` names a CTE (window_no, event_set, person, min_events, area_type, area_code, window_start, period_end), and
    `events` one of events as `repeat_events` gives them. No window is longer than a year. Key: window_no.
#}
{% macro persons_by_window(windows, events) %}
    with counted_sets as (
        -- What rules count in an area: rules that differ in their windows alone look at the same events.
        select
            event_set,
            person,
            min_events,
            area_type,
            area_code,
            row_number() over (order by event_set, person, min_events, area_type, area_code) as set_no,
            min(window_start) as first_day
        from {{ windows }} as windows
        group by event_set, person, min_events, area_type, area_code
    ),

    placed as (
        {% for area_type in ['force', 'csp'] %}
        select
            counted_sets.set_no,
            counted_sets.min_events,
            events.person_key,
            events.event_date
        from {{ events }} as events
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
        from {{ windows }} as windows
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
    )

    select
        window_no,
        count(*) filter (where is_last) as persons_count,
        sum(case when is_last then event_no + 1 else 0 end - case when is_first then event_no else 0 end)
            as events_count
    from bounds
    where is_last or is_first
    group by window_no
{% endmacro %}
