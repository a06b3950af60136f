with records as (
    select * from {{ ref('stg_syfr_incidents') }}
),

final as (
    select
        incident_ref,
        incident_date,
        kind,
        district_code,
        ward_code,
        lsoa_code
    from records
)

select * from final
