{{ config(materialized='table') }}

with changes as (
    select * from {{ ref('stg_ons_lsoa_2011_2021') }}
),

wards as (
    select * from {{ ref('stg_ons_lsoa_ward_lad') }}
),

codes as (
    select
        lsoa11_code as lsoa_code,
        lsoa11_name as lsoa_name,
        change_code,
        lsoa21_code,
        true as is_2011
    from changes
    union all
    select
        lsoa21_code as lsoa_code,
        lsoa21_name as lsoa_name,
        null as change_code,
        lsoa21_code,
        false as is_2011
    from wards
),

places as (
    select
        codes.lsoa_code,
        min(codes.lsoa_name) as lsoa_name,
        bool_or(codes.is_2011) as is_2011,
        bool_or(not codes.is_2011) as is_2021,
        min(codes.change_code) as change_code,
        count(distinct codes.lsoa21_code) as lsoas_count,
        min(codes.lsoa21_code) as lsoa21_code,
        count(distinct wards.ward_code) as wards_count,
        min(wards.ward_code) as ward_code,
        count(distinct wards.district_code) as districts_count,
        min(wards.district_code) as district_code
    from codes
    left join wards on codes.lsoa21_code = wards.lsoa21_code
    group by codes.lsoa_code
),

final as (
    -- A code stands for the place that all of its 2021 areas share; where they part, the place is not told.
    select
        lsoa_code,
        lsoa_name,
        is_2011,
        is_2021,
        change_code,
        case when lsoas_count = 1 then lsoa21_code end as lsoa21_code,
        case when wards_count = 1 then ward_code end as ward_code,
        case when districts_count = 1 then district_code end as district_code
    from places
)

select * from final
