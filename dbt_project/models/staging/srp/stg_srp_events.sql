with records as (
    {{ current_records('srp_events') }}
),

final as (
    select
        event_ref,
        event_date,
        theme,
        lead_partner,
        attendance_count,
        _delivery_no,
        _line
    from records
)

select * from final
