with records as (
    select * from {{ ref('stg_ons_imd') }}
),

final as (
    select
        lsoa21_code,
        imd_rank,
        imd_decile,
        crime_decile
    from records
)

select * from final
