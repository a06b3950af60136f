{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key='crime_ref', on_schema_change='fail'
) }}

with crimes as (
    select * from {{ ref('int_crime') }}
    {{ only_changed_crimes() }}
),

outcomes as (
    select * from {{ ref('int_crime_outcome') }}
    {{ only_changed_crimes() }}
),

offences as (
    select * from {{ ref('int_offence_of_day') }}
),

outcome_types as (
    select distinct outcome_type
    from {{ ref('dim_outcome_type') }}
    where is_outcome
),

recency as (
    select * from {{ ref('int_recency_day') }}
),

districts as (
    select * from {{ ref('int_district') }}
),

wards as (
    select * from {{ ref('int_ward') }}
),

lsoas as (
    select * from {{ ref('int_lsoa') }}
),

secret as (
    select * from {{ ref('int_pseudonym_secret') }}
),

recency_end as (
    select max(recency_days) as last_day from recency
),

crime_outcomes as (
    select
        outcomes.crime_ref,
        max_by(outcomes.outcome_type, outcomes.outcome_order) as latest_outcome_type,
        max(outcomes.outcome_date) as latest_outcome_date,
        min(case when outcome_types.outcome_type is not null then outcomes.outcome_date end) as first_outcome_date
    from outcomes
    left join outcome_types on outcomes.outcome_type = outcome_types.outcome_type
    group by outcomes.crime_ref
),

identified as (
    -- The partner's own reference for the person, else name and date of birth together, else nobody.
    select
        *,
        {{ days_between('committed_from_date', 'recorded_date') }} as recency_days,
        coalesce(
            'syp:' || nullif(trim(complainant_ref), ''),
            case
                when nullif(trim(complainant_ref), '') is null and complainant_birth_date is not null
                    then
                        'name:' || {{ normalise_text('complainant_forename') }}
                        || '|' || {{ normalise_text('complainant_surname') }}
                        || '|' || cast(complainant_birth_date as varchar)
            end
        ) as complainant_identity
    from crimes
),

final as (
    select
        identified.crime_ref,
        identified.recorded_date,
        {{ month_start('identified.recorded_date') }} as recorded_month_date,
        identified.committed_from_date,
        {{ month_start('identified.committed_from_date') }} as committed_month_date,
        identified.committed_to_date,
        identified.recency_days,
        recency.recency_band,
        identified.offence_code,
        offences.offence_group,
        offences.offence_subgroup,
        identified.is_dwelling,
        {% for tag in [
            'cse', 'cce', 'domestic_abuse', 'honour_based_violence', 'forced_marriage', 'knife', 'online'
        ] -%}
        {{ has_entry('identified.tags', tag) }} as is_{{ tag }},
        {% endfor -%}
        coalesce(identified.hate_strands <> '', false) as is_hate_crime,
        {% for strand in ['disability', 'race', 'religion', 'sexual_orientation', 'transgender'] -%}
        {{ has_entry('identified.hate_strands', strand) }} as is_hate_{{ strand }},
        {% endfor -%}
        crime_outcomes.latest_outcome_type,
        crime_outcomes.latest_outcome_date,
        crime_outcomes.first_outcome_date,
        districts.district_code,
        districts.csp_code,
        districts.force_code,
        coalesce(wards.ward_code, lsoas.ward_code) as ward_code,
        identified.lsoa_code,
        lsoas.lsoa21_code,
        {{ pseudonym('identified.complainant_identity') }} as complainant_key
    from identified
    cross join secret
    cross join recency_end
    left join offences
        on
            identified.offence_code = offences.offence_code
            and identified.recorded_date >= offences.valid_from
            and identified.recorded_date <= offences.valid_until
    left join recency
        on
            least(identified.recency_days, recency_end.last_day) = recency.recency_days
            and identified.recorded_date >= recency.valid_from
            and identified.recorded_date <= recency.valid_until
    left join districts on identified.district_code = districts.given_district_code
    left join wards on identified.ward_code = wards.ward_code
    left join lsoas on identified.lsoa_code = lsoas.lsoa_code
    left join crime_outcomes on identified.crime_ref = crime_outcomes.crime_ref
)

select * from final
