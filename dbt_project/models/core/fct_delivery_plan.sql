with records as (
    select * from {{ ref('int_delivery_plan') }}
),

home as (
    select * from {{ ref('int_home_area') }}
),

final as (
    select
        records.commitment_ref,
        records.quarter_start_date,
        records.status,
        records.lead_partner,
        home.csp_code,
        home.force_code
    from records
    cross join home
)

select * from final
