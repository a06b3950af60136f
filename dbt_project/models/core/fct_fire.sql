with fires as (
    select * from {{ ref('int_fire') }}
),

districts as (
    select * from {{ ref('int_district') }}
),

wards as (
    select * from {{ ref('int_ward') }}
),

lsoas as (
    select * from {{ ref('int_lsoa') }}
),

final as (
    select
        fires.incident_ref,
        fires.incident_date,
        {{ month_start('fires.incident_date') }} as incident_month_date,
        fires.kind,
        districts.district_code,
        districts.csp_code,
        districts.force_code,
        coalesce(wards.ward_code, lsoas.ward_code) as ward_code,
        fires.lsoa_code,
        lsoas.lsoa21_code
    from fires
    left join districts on fires.district_code = districts.given_district_code
    left join wards on fires.ward_code = wards.ward_code
    left join lsoas on fires.lsoa_code = lsoas.lsoa_code
)

select * from final
