with records as (
    {{ latest_snapshot('ons_recorded_crime_csp') }}
),

final as (
    select
        force_code,
        force_name,
        csp_code,
        csp_name,
        district_code,
        district_name,
        total_count,
        violence_against_the_person_count,
        homicide_count,
        death_or_injury_driving_count,
        violence_with_injury_count,
        violence_without_injury_count,
        stalking_and_harassment_count,
        sexual_offences_count,
        robbery_count,
        theft_count,
        burglary_count,
        residential_burglary_count,
        non_residential_burglary_count,
        vehicle_offences_count,
        theft_from_the_person_count,
        bicycle_theft_count,
        shoplifting_count,
        other_theft_count,
        criminal_damage_and_arson_count,
        drug_offences_count,
        weapons_count,
        public_order_count,
        miscellaneous_count,
        _delivery_no,
        _line
    from records
)

select * from final
