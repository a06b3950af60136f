with records as (
    select * from {{ ref('int_board_attendance') }}
),

home as (
    select * from {{ ref('int_home_area') }}
),

final as (
    select
        records.meeting_date,
        {{ month_start('records.meeting_date') }} as meeting_month_date,
        records.organisation,
        records.attendance,
        home.csp_code,
        home.force_code
    from records
    cross join home
)

select * from final
