{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{% if is_incremental() %}delete from {{ this }}{% endif %}"
) }}

-- The months that the deliveries new to this build change: of every version of the crimes that they or their outcomes
-- name, so that the month a crime has moved away from is there too, and of every outcome of those crimes, the latest of
-- before among them. A full build needs none and finds none.
with changed as (
    select crime_ref from {{ ref('int_changed_crime') }}
    {% if not is_incremental() -%}
    where false
    {%- endif %}
),

versions as (
    select
        recorded_date,
        committed_from_date
    from {{ ref('stg_syp_crimes__dates') }}
    where crime_ref in (select changed.crime_ref from changed)
),

outcomes as (
    select outcome_date from {{ ref('int_crime_outcome') }}
    where crime_ref in (select changed.crime_ref from changed)
),

final as (
    select {{ month_start('recorded_date') }} as month_date from versions
    union
    select {{ month_start('committed_from_date') }} as month_date from versions
    union
    select {{ month_start('outcome_date') }} as month_date from outcomes
)

select * from final
