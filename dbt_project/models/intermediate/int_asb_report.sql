with records as (
    select * from {{ ref('stg_rmbc_asb_reports') }}
),

final as (
    select
        report_ref,
        reported_at,
        report_type,
        district_code,
        ward_code,
        lsoa_code,
        caller_forename,
        caller_surname,
        caller_address,
        caller_postcode,
        _delivery_no
    from records
)

select * from final
