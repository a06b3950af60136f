with records as (
    {{ latest_snapshot('ons_lsoa_ward_lad') }}
),

final as (
    select
        lsoa21_code,
        lsoa21_name,
        ward_code,
        ward_name,
        district_code,
        district_name,
        _delivery_no,
        _line
    from records
)

select * from final
