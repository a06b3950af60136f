{{ config(materialized='view', contract={'enforced': false}) }}

with crime_types as (
    select
        series,
        ons_offence_group
    from {{ ref('police_uk_crime_types') }}
    where is_crime
),

forces as (
    {{ reporting_forces() }}
),

districts as (
    select * from {{ ref('int_district') }}
    where given_district_code = district_code
),

street as (
    select
        monthly.month,
        crime_types.ons_offence_group as offence_group,
        {{ where_own_force('districts.csp_code') }} as csp_code,
        forces.force_code,
        sum(monthly.crimes) as crimes
    from {{ ref('street_month_count') }} as monthly
    inner join crime_types on monthly.crime_type = crime_types.series
    left join forces on monthly.force = forces.force
    left join districts on monthly.lad_code = districts.district_code
    group by all
),

final as (
    {% for area_type in ['csp', 'force'] %}
    {% for offence_group in ['offence_group', "'total'"] %}
    select
        '{{ area_type }}' as area_type,
        {{ area_type }}_code as area_code,
        month,
        {{ offence_group }} as offence_group,
        sum(crimes) as crimes
    from street
    where {{ offence_group }} is not null
    group by all
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select * from final
