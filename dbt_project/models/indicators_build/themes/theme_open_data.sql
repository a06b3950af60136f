{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget_touched_months('int_street_touched_months') }}"
) }}

with street as (
    select * from {{ ref('street_month_count') }}
    {{ only_touched_months('month', ref('int_street_touched_months')) }}
),

lsoas as (
    select
        lsoa_code,
        lsoa21_code
    from {{ ref('int_lsoa') }}
),

districts as (
    select * from {{ ref('int_district') }}
    where given_district_code = district_code
),

forces as (
    {{ reporting_forces() }}
),

published as (
    select
        street.month as month_date,
        forces.force_code,
        {{ where_own_force('districts.csp_code') }} as csp_code,
        {{ where_own_force('street.ward_code') }} as ward_code,
        {{ where_own_force('lsoas.lsoa21_code') }} as lsoa_code,
        sum(street.crimes) filter (where street.crime_type <> 'Anti-social behaviour') as street_crime,
        sum(street.crimes) filter (where street.crime_type = 'Anti-social behaviour') as street_asb,
        sum(street.crimes) filter (where street.crime_type <> 'Anti-social behaviour') as street_crime_per_1000,
        sum(street.crimes) filter (where street.crime_type = 'Violence and sexual offences')
            as street_violence_and_sexual_offences,
        sum(street.crimes) filter (where street.crime_type = 'Robbery') as street_robbery,
        sum(street.crimes) filter (where street.crime_type = 'Burglary') as street_burglary,
        sum(street.crimes) filter (where street.crime_type = 'Vehicle crime') as street_vehicle_crime,
        sum(street.crimes) filter (where street.crime_type = 'Theft from the person') as street_theft_from_the_person,
        sum(street.crimes) filter (where street.crime_type = 'Bicycle theft') as street_bicycle_theft,
        sum(street.crimes) filter (where street.crime_type = 'Shoplifting') as street_shoplifting,
        sum(street.crimes) filter (where street.crime_type = 'Other theft') as street_other_theft,
        sum(street.crimes) filter (where street.crime_type = 'Criminal damage and arson')
            as street_criminal_damage_and_arson,
        sum(street.crimes) filter (where street.crime_type = 'Drugs') as street_drugs,
        sum(street.crimes) filter (where street.crime_type = 'Possession of weapons') as street_possession_of_weapons,
        sum(street.crimes) filter (where street.crime_type = 'Public order') as street_public_order,
        sum(street.crimes) filter (where street.crime_type = 'Other crime') as street_other_crime
    from street
    left join lsoas on street.lsoa_code = lsoas.lsoa_code
    left join forces on street.force = forces.force
    left join districts on street.lad_code = districts.district_code
    group by all
),

final as (
    {{ unpivot_measures('published') }}
)

select * from final
order by month_date
