{{ config(materialized='view', contract={'enforced': false}) }}

with final as (
    select
        'rate_per_1000' as unit,
        1000 as per,
        area_type,
        area_code,
        residents_count as stock
    from {{ ref('dim_area') }}
    union all
    select
        'rate_per_10000' as unit,
        10000 as per,
        area_type,
        area_code,
        adult_women_count as stock
    from {{ ref('adult_women') }}
    where valid_to is null
)

select * from final
