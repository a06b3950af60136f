with records as (
    {{ latest_snapshot('ons_residents') }}
),

final as (
    select
        lsoa21_code,
        residents_count,
        _delivery_no,
        _line
    from records
)

select * from final
