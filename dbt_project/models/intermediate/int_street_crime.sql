with records as (
    select * from {{ ref('stg_police_uk_street') }}
),

final as (
    select
        crime_id,
        month,
        reported_by,
        crime_type,
        last_outcome_category,
        lsoa_code,
        _delivery_no
    from records
)

select * from final
