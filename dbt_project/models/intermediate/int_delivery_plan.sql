with records as (
    select * from {{ ref('stg_srp_delivery_plan') }}
),

final as (
    select
        commitment_ref,
        quarter_start_date,
        status,
        lead_partner
    from records
)

select * from final
