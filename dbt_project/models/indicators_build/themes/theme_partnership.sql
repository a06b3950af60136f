with held as (
    select
        event_month_date as month_date,
        {{ partnership_place() }},
        count(*) as awareness_events,
        sum(attendance_count) as awareness_event_attendance
    from {{ ref('fct_event') }}
    group by all
),

met as (
    select
        meeting_month_date as month_date,
        {{ partnership_place() }},
        count(*) filter (where attendance in ('attended', 'represented')) as board_attendance_rate__numerator,
        count(*) as board_attendance_rate__denominator
    from {{ ref('fct_board_attendance') }}
    group by all
),

planned as (
    select
        quarter_start_date as month_date,
        {{ partnership_place() }},
        count(*) filter (where status in ('on_track', 'complete')) as delivery_plan_on_track_rate__numerator,
        count(*) as delivery_plan_on_track_rate__denominator
    from {{ ref('fct_delivery_plan') }}
    group by all
),

final as (
    {{ unpivot_measures('held') }}
    union all
    {{ unpivot_measures('met') }}
    union all
    {{ unpivot_measures('planned') }}
)

select * from final
