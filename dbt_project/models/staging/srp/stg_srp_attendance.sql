with records as (
    {{ current_records('srp_attendance') }}
),

final as (
    select
        meeting_date,
        organisation,
        attendance,
        _delivery_no,
        _line
    from records
)

select * from final
