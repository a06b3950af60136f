{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget_touched_months('int_crime_touched_months', 'recorded_month_date') }}"
) }}

-- The crimes that each measure's cohorts are made of, by month of recording: what outcomes are counted against.
with crimes as (
    select * from {{ ref('fct_crime') }}
    {{ only_touched_months('recorded_month_date', ref('int_crime_touched_months')) }}
),

final as (
    {% for measure, is_in in cohort_measures().items() -%}
    select
        '{{ measure }}' as measure,
        recorded_month_date,
        force_code,
        csp_code,
        count(*) as crimes_count
    from crimes
    where {{ is_in }}
    group by recorded_month_date, force_code, csp_code
    {% if not loop.last -%}
    union all
    {% endif -%}
    {%- endfor %}
)

select * from final
