with records as (
    select * from {{ ref('stg_srp_attendance') }}
),

final as (
    select
        meeting_date,
        organisation,
        attendance
    from records
)

select * from final
