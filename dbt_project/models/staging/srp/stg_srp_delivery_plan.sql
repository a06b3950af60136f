with records as (
    {{ current_records('srp_delivery_plan') }}
),

final as (
    select
        commitment_ref,
        quarter_start_date,
        status,
        commentary,
        lead,
        lead_partner,
        _delivery_no,
        _line
    from records
)

select * from final
