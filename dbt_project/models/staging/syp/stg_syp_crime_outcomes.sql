with records as (
    {{ current_records('syp_crime_outcomes') }}
),

final as (
    select
        crime_ref,
        outcome_type,
        outcome_date,
        _delivery_no,
        _line
    from records
)

select * from final
