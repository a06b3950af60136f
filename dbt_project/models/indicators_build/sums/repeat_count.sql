{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['rule_id', 'period_type', 'period_start', 'area_type', 'area_code'],
    on_schema_change='fail',
    pre_hook="{{ forget_uncovered_windows() }}"
) }}

-- Persons with at least so many events, by the dated rules of `repeat_rules`, in each covered period and area.
with touched_months as (
    select month_date from {{ ref('int_crime_touched_months') }}
),

every_window as (
    {{ repeat_windows() }}
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

thirteen_months as (
    -- No window is longer than a year; one that does not begin with a month touches thirteen.
    {{ integers_to(12) }}
),

counted_months as (
    select distinct
        windows.event_set,
        {{ add_months(month_start('windows.window_start'), 'thirteen_months.n') }} as month_date
    from windows
    cross join thirteen_months
    where {{ add_months(month_start('windows.window_start'), 'thirteen_months.n') }} <= windows.period_end
),

events as (
    {{ repeat_events('counted_months') }}
),

repeats as (
    {{ persons_by_window('windows', 'events') }}
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
