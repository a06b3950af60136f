with records as (
    {{ current_records('rmbc_da_services') }}
),

final as (
    select
        service_ref,
        service,
        referred_date,
        started_date,
        ended_date,
        ending,
        person_ref,
        _delivery_no,
        _line
    from records
)

select * from final
