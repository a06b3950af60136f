with records as (
    {{ current_records('srp_morile') }}
),

final as (
    select
        theme,
        assessment_date,
        impact_and_harm,
        likelihood,
        confidence,
        organisational_position,
        assessor,
        evidence,
        _delivery_no,
        _line
    from records
)

select * from final
