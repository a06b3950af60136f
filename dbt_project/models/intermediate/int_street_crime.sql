with records as (
    select * from {{ ref('stg_police_uk_street') }}
),

crime_types as (
    select * from {{ ref('police_uk_crime_types') }}
),

final as (
    select
        records.crime_id,
        records.month,
        records.reported_by,
        crime_types.series as crime_type,
        records.last_outcome_category,
        records.lsoa_code,
        records._delivery_no
    from records
    left join crime_types
        on
            records.crime_type = crime_types.crime_type
            and records.month >= crime_types.valid_from
            and (crime_types.valid_to is null or records.month <= crime_types.valid_to)
)

select * from final
