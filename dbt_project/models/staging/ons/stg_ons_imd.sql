with records as (
    {{ latest_snapshot('ons_imd') }}
),

final as (
    select
        lsoa21_code,
        imd_rank,
        imd_decile,
        crime_decile,
        _delivery_no,
        _line
    from records
)

select * from final
