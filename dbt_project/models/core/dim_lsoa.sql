with lsoas as (
    select * from {{ ref('int_lsoa') }}
),

districts as (
    select *
    from {{ ref('int_district') }}
    where given_district_code = district_code
),

residents as (
    select * from {{ ref('int_residents') }}
),

deprivation as (
    select * from {{ ref('int_imd') }}
),

final as (
    select
        lsoas.lsoa_code,
        lsoas.lsoa_name,
        lsoas.is_2011,
        lsoas.is_2021,
        lsoas.change_code,
        lsoas.lsoa21_code,
        lsoas.ward_code,
        lsoas.district_code,
        districts.csp_code,
        districts.force_code,
        residents.residents_count,
        deprivation.imd_rank,
        deprivation.imd_decile,
        deprivation.crime_decile
    from lsoas
    left join districts on lsoas.district_code = districts.district_code
    left join residents on lsoas.lsoa21_code = residents.lsoa21_code
    left join deprivation on lsoas.lsoa21_code = deprivation.lsoa21_code
)

select * from final
