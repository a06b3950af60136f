with records as (
    {{ latest_snapshot('ons_lsoa_2011_2021') }}
),

final as (
    select
        lsoa11_code,
        lsoa11_name,
        change_code,
        lsoa21_code,
        lsoa21_name,
        district_code,
        district_name,
        _delivery_no,
        _line
    from records
)

select * from final
