with areas as (
    select * from {{ ref('areas_of_interest') }}
),

districts as (
    select * from {{ ref('int_district') }}
),

final as (
    select
        areas.area_code as csp_code,
        min(districts.force_code) as force_code
    from areas
    inner join districts on areas.area_code = districts.csp_code
    where areas.role = 'home' and areas.area_type = 'csp'
    group by areas.area_code
)

select * from final
