with lookup as (
    select * from {{ ref('stg_ons_lsoa_ward_lad') }}
),

final as (
    select
        ward_code,
        min(ward_name) as ward_name,
        min(district_code) as district_code
    from lookup
    group by ward_code
)

select * from final
