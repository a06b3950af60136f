with records as (
    {{ current_records('syp_incidents') }}
),

final as (
    select
        incident_ref,
        opened_at,
        closing_category,
        asb_qualifier,
        hate_strands,
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
