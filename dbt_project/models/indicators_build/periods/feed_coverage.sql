{#-
    feed, its fact, and the day by which the fact's records fall into months; of crimes, the largest, the months are
    counted already
-#}
{%- set record_feeds = [
    ('health_treatment', 'fct_treatment_episode', 'started_date'),
    ('marac_cases', 'fct_marac_case', 'referral_date'),
    ('probation_cohort', 'fct_probation_cohort', 'cohort_start_date'),
    ('rmbc_asb_reports', 'fct_asb_report', 'reported_date'),
    ('rmbc_da_services', 'fct_da_service', 'referred_date'),
    ('rmbc_social_care_contacts', 'fct_social_care_contact', 'contact_date'),
    ('srp_attendance', 'fct_board_attendance', 'meeting_date'),
    ('srp_delivery_plan', 'fct_delivery_plan', 'quarter_start_date'),
    ('srp_events', 'fct_event', 'event_date'),
    ('srp_survey', 'fct_survey_response', 'wave_date'),
    ('syfr_incidents', 'fct_fire', 'incident_date'),
    ('syp_crimes', 'outcome_cohorts', 'recorded_month_date'),
    ('syp_exploitation', 'fct_exploitation_referral', 'referral_date'),
    ('syp_incidents', 'fct_incident', 'opened_date'),
] -%}
-- The months for which a feed speaks for an area: from its first record to the last month that had ended when its
-- latest delivery was extracted. Open data speak for the months whose files have arrived, and for no other.
with deliveries as (
    select
        feed,
        max(extracted_at) as extracted_at
    from {{ ref('int_visible_delivery') }}
    group by feed
),

areas as (
    select
        area_type,
        area_code
    from {{ ref('areas_of_interest') }}
),

months as (
    select distinct month_start_date as month_date from {{ ref('dim_date') }}
),

days as (
    {% for feed, fact, day in record_feeds %}
    select distinct
        '{{ feed }}' as feed,
        csp_code,
        force_code,
        {{ day }} as record_date
    from {{ ref(fact) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

recorded as (
    select
        feed,
        csp_code,
        force_code,
        {{ financial_year_start('record_date') }} as year_start_date,
        min(record_date) as first_day
    from days
    group by all
),

area_starts as (
    select
        feed,
        'csp' as area_type,
        csp_code as area_code,
        min(first_day) as first_day
    from recorded
    group by feed, csp_code
    union all
    select
        feed,
        'force' as area_type,
        force_code as area_code,
        min(first_day) as first_day
    from recorded
    where force_code is not null
    group by feed, force_code
),

-- outcomes are spoken for from the first crime on, whether or not that month's crimes were given any
starts as (
    select * from area_starts
    union all
    select
        'syp_crime_outcomes' as feed,
        area_type,
        area_code,
        first_day
    from area_starts
    where feed = 'syp_crimes'
),

-- a financial year without one record in all of the feed was not delivered: it has no figure, and not a zero
spoken_years as (
    select distinct
        feed,
        year_start_date
    from recorded
    union all
    select distinct
        'syp_crime_outcomes' as feed,
        year_start_date
    from recorded
    where feed = 'syp_crimes'
),

continuous as (
    select
        starts.feed,
        starts.area_type,
        starts.area_code,
        months.month_date,
        deliveries.extracted_at
    from starts
    inner join areas on starts.area_type = areas.area_type and starts.area_code = areas.area_code
    inner join deliveries on starts.feed = deliveries.feed
    inner join months
        on
            months.month_date >= {{ month_start('starts.first_day') }}
            and {{ add_months('months.month_date', 1) }} <= cast(deliveries.extracted_at as date)
    inner join spoken_years
        on
            starts.feed = spoken_years.feed
            and {{ financial_year_start('months.month_date') }} = spoken_years.year_start_date
),

forces as (
    {{ reporting_forces() }}
),

published as (
    select distinct
        forces.force_code,
        street.month
    from {{ ref('street_month_count') }} as street
    inner join forces on street.force = forces.force
),

published_areas as (
    select
        area_type,
        area_code,
        case when area_type = 'force' then area_code else parent_code end as force_code
    from {{ ref('dim_area') }}
    where area_type in ('csp', 'force') and role is not null
),

final as (
    select * from continuous
    union all
    select
        'police_uk_street' as feed,
        published_areas.area_type,
        published_areas.area_code,
        published.month as month_date,
        deliveries.extracted_at
    from published
    inner join published_areas on published.force_code = published_areas.force_code
    inner join deliveries on deliveries.feed = 'police_uk_street'
)

select * from final
