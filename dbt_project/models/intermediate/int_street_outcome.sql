with records as (
    select * from {{ ref('stg_police_uk_outcomes') }}
),

final as (
    select
        crime_id,
        month,
        reported_by,
        outcome_type,
        lsoa_code,
        _delivery_no
    from records
)

select * from final
