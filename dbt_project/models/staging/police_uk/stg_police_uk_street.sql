with records as (
    {{ winning_months('police_uk_street') }}
),

final as (
    select
        crime_id,
        month,
        reported_by,
        falls_within,
        longitude,
        latitude,
        location,
        lsoa_code,
        lsoa_name,
        crime_type,
        last_outcome_category,
        context,
        _delivery_no,
        _line
    from records
)

select * from final
