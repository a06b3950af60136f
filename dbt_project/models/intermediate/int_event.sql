with records as (
    select * from {{ ref('stg_srp_events') }}
),

final as (
    select
        event_ref,
        event_date,
        theme,
        lead_partner,
        attendance_count
    from records
)

select * from final
