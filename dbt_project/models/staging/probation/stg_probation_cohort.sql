with records as (
    {{ current_records('probation_cohort') }}
),

final as (
    select
        cohort_ref,
        cohort_start_date,
        sentence,
        payback_hours_ordered,
        payback_hours_done,
        reoffence_dates,
        person_ref,
        _delivery_no,
        _line
    from records
)

select * from final
