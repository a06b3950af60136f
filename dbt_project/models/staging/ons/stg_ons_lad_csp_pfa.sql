with records as (
    {{ latest_snapshot('ons_lad_csp_pfa') }}
),

final as (
    select
        district_code,
        district_name,
        csp_code,
        csp_name,
        force_code,
        force_name,
        _delivery_no,
        _line
    from records
)

select * from final
