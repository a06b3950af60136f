{%- set by_key = [
    'health_treatment', 'marac_cases', 'probation_cohort', 'rmbc_asb_reports', 'rmbc_da_services',
    'rmbc_social_care_contacts', 'srp_attendance', 'srp_delivery_plan', 'srp_events', 'srp_morile', 'srp_survey',
    'syfr_incidents', 'syp_crime_outcomes', 'syp_crimes', 'syp_exploitation', 'syp_incidents'
] -%}
{%- set by_month = ['police_uk_outcomes', 'police_uk_street'] -%}
{%- set whole = [
    'ons_imd', 'ons_lad_csp_pfa', 'ons_lsoa_2011_2021', 'ons_lsoa_ward_lad', 'ons_recorded_crime_csp',
    'ons_recorded_crime_force', 'ons_residents'
] -%}
with deliveries as (
    select * from {{ ref('int_visible_delivery') }}
),

current_rows as (
    {% for feed in by_key + by_month + whole -%}
    select
        _delivery_no as delivery_no,
        count(*) as rows_count
    from {{ ref('stg_' ~ feed) }}
    group by _delivery_no
    {% if not loop.last -%}
    union all
    {% endif -%}
    {%- endfor %}
),

superseded_rows as (
    {% for feed in by_key -%}
    select
        _delivery_no as delivery_no,
        count(*) as rows_count
    from {{ ref('stg_' ~ feed ~ '__superseded') }}
    group by _delivery_no
    union all
    {% endfor -%}
    {% for feed in by_month -%}
    select
        delivery_no,
        cast(sum(rows_count) as bigint) as rows_count
    from {{ ref('stg_' ~ feed ~ '__lost_months') }}
    group by delivery_no
    union all
    {% endfor -%}
    select
        deliveries.delivery_no,
        deliveries.accepted_count as rows_count
    from deliveries
    where
        deliveries.feed in ('{{ whole | join("', '") }}')
        and exists (
            select 1
            from deliveries as later
            where later.feed = deliveries.feed and later.ordinal > deliveries.ordinal
        )
),

final as (
    select
        deliveries.delivery_no,
        deliveries.feed,
        deliveries.sha256,
        deliveries.extracted_at,
        deliveries.rows_read_count,
        deliveries.accepted_count,
        deliveries.quarantined_count,
        coalesce(current_rows.rows_count, 0) as current_count,
        coalesce(superseded_rows.rows_count, 0) as superseded_count
    from deliveries
    left join current_rows on deliveries.delivery_no = current_rows.delivery_no
    left join superseded_rows on deliveries.delivery_no = superseded_rows.delivery_no
)

select * from final
