with records as (
    {{ current_records('syfr_incidents') }}
),

final as (
    select
        incident_ref,
        incident_date,
        kind,
        district_code,
        ward_code,
        lsoa_code,
        _delivery_no,
        _line
    from records
)

select * from final
