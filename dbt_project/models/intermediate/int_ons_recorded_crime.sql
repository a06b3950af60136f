{%- set groups = [
    'total', 'violence_against_the_person', 'homicide', 'death_or_injury_driving', 'violence_with_injury',
    'violence_without_injury', 'stalking_and_harassment', 'sexual_offences', 'robbery', 'theft', 'burglary',
    'residential_burglary', 'non_residential_burglary', 'vehicle_offences', 'theft_from_the_person', 'bicycle_theft',
    'shoplifting', 'other_theft', 'criminal_damage_and_arson', 'drug_offences', 'weapons', 'public_order',
    'miscellaneous'
] -%}
with partnerships as (
    select * from {{ ref('stg_ons_recorded_crime_csp') }}
),

forces as (
    select * from {{ ref('stg_ons_recorded_crime_force') }}
),

deliveries as (
    select * from {{ ref('int_visible_delivery') }}
),

counts as (
    {% for group in groups -%}
    select
        'csp' as area_type,
        csp_code as area_code,
        csp_name as area_name,
        '{{ group }}' as offence_group,
        {{ group }}_count as recorded_count,
        _delivery_no
    from partnerships
    where csp_code is not null
    union all
    select
        'force' as area_type,
        area_code,
        area_name,
        '{{ group }}' as offence_group,
        {{ group }}_count as recorded_count,
        _delivery_no
    from forces
    -- British Transport Police polices no area, and so has no code
    where area_code is not null
    {% if not loop.last -%}
    union all
    {% endif -%}
    {%- endfor %}
),

final as (
    -- The table is of a year that ends with the month it names, which is the moment its delivery speaks for.
    select
        counts.area_type,
        counts.area_code,
        counts.area_name,
        counts.offence_group,
        {{ add_months(month_start('deliveries.extracted_at'), -11) }} as period_start,
        {{ add_days(add_months(month_start('deliveries.extracted_at'), 1), -1) }} as period_end,
        counts.recorded_count
    from counts
    inner join deliveries on counts._delivery_no = deliveries.delivery_no
)

select * from final
