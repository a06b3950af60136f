with records as (
    select * from {{ ref('stg_ons_residents') }}
),

final as (
    select
        lsoa21_code,
        residents_count
    from records
)

select * from final
