with records as (
    {{ current_records('rmbc_asb_reports') }}
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
        _delivery_no,
        _line
    from records
)

select * from final
