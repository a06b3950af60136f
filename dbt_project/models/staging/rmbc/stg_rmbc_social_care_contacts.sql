with records as (
    {{ current_records('rmbc_social_care_contacts') }}
),

final as (
    select
        contact_ref,
        contact_date,
        kind,
        tags,
        child_ref,
        _delivery_no,
        _line
    from records
)

select * from final
