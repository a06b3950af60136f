{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget_touched_months('int_crime_touched_months', 'recorded_month_date') }}"
) }}

-- The crimes that each measure's cohorts are made of, by month of recording: what outcomes are counted against.
with crimes as (
    select
        recorded_month_date,
        force_code,
        csp_code,
        is_hate_crime,
        is_cse,
        is_cce,
        count(*) as crimes_count
    from {{ ref('fct_crime') }}
    {{ only_touched_months('recorded_month_date', ref('int_crime_touched_months')) }}
    group by all
),

final as (
    select
        measure,
        recorded_month_date,
        force_code,
        csp_code,
        cast(sum(crimes_count) as bigint) as crimes_count
    from ({{ by_measure('crimes') }}) as measured
    group by measure, recorded_month_date, force_code, csp_code
)

select * from final
