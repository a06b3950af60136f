{{ config(materialized='table') }}

with lookup as (
    select * from {{ ref('stg_ons_lad_csp_pfa') }}
),

changes as (
    select * from {{ ref('stg_ons_lsoa_2011_2021') }}
),

wards as (
    select * from {{ ref('stg_ons_lsoa_ward_lad') }}
),

present as (
    -- Some merged districts still have several partnerships: there the district does not tell which.
    select
        district_code,
        min(district_name) as district_name,
        case when count(*) = 1 then min(csp_code) end as csp_code,
        case when count(*) = 1 then min(csp_name) end as csp_name,
        min(force_code) as force_code,
        min(force_name) as force_name
    from lookup
    group by district_code
),

retired as (
    -- A district that is no more, where all of its LSOAs lie in one present district.
    select
        changes.district_code as given_district_code,
        min(wards.district_code) as district_code
    from changes
    inner join wards on changes.lsoa21_code = wards.lsoa21_code
    where changes.district_code not in (select present.district_code from present)
    group by changes.district_code
    having count(distinct wards.district_code) = 1
),

given as (
    select
        district_code as given_district_code,
        district_code
    from present
    union all
    select
        given_district_code,
        district_code
    from retired
),

final as (
    select
        given.given_district_code,
        present.district_code,
        present.district_name,
        present.csp_code,
        present.csp_name,
        present.force_code,
        present.force_name
    from given
    inner join present on given.district_code = present.district_code
)

select * from final
