with records as (
    {{ current_records('srp_survey') }}
),

final as (
    select
        response_ref,
        wave_date,
        question,
        answer,
        weight,
        ward_code,
        _delivery_no,
        _line
    from records
)

select * from final
