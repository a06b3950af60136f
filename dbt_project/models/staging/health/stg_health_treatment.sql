with records as (
    {{ current_records('health_treatment') }}
),

final as (
    select
        episode_ref,
        started_date,
        ended_date,
        substance_group,
        ending,
        is_mental_health_requirement,
        person_ref,
        _delivery_no,
        _line
    from records
)

select * from final
