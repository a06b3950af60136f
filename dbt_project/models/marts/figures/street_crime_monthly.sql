with counts as (
    select * from {{ ref('street_month_count') }}
),

final as (
    select
        month,
        force,
        lad_code,
        ward_code,
        lsoa_code,
        crime_type,
        crimes
    from counts
)

select * from final
