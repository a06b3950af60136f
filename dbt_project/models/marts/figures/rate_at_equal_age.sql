-- The share of each quarter's crimes that had an outcome when all of them were so many days old: quarters compare
-- fairly.
with final as (
    select
        measure,
        outcome_set,
        area_type,
        area_code,
        cohort_start_date,
        cohort_end_date,
        age_days,
        crimes_count,
        outcomes_count,
        round(100 * cast(outcomes_count as double) / nullif(crimes_count, 0), 10) as rate_pct
    from {{ ref('outcome_development') }}
    where is_compared_age and is_observed
)

select * from final
