with cohort as (
    select * from {{ ref('int_probation_cohort') }}
),

home as (
    select * from {{ ref('int_home_area') }}
),

reoffences as (
    select
        cohort_ref,
        cohort_start_date,
        {{ list_entries('reoffence_dates') }} as day_text
    from cohort
    where reoffence_dates is not null
),

dated as (
    select
        cohort_ref,
        cohort_start_date,
        cast(
            concat(substr(trim(day_text), 7, 4), '-', substr(trim(day_text), 4, 2), '-', substr(trim(day_text), 1, 2))
            as date
        ) as reoffence_date
    from reoffences
    where trim(day_text) <> ''
),

reoffenders as (
    select distinct cohort_ref
    from dated
    where reoffence_date between cohort_start_date and {{ last_day_of_months('cohort_start_date', 12) }}
),

started as (
    select
        {{ month_start('cohort.cohort_start_date') }} as month_date,
        home.force_code,
        home.csp_code,
        cast(null as varchar) as ward_code,
        cast(null as varchar) as lsoa_code,
        sum(cohort.payback_hours_done) as community_payback_hours,
        sum(cohort.payback_hours_done) as community_payback_completion_rate__numerator,
        sum(cohort.payback_hours_ordered) as community_payback_completion_rate__denominator,
        count(reoffenders.cohort_ref) as proven_reoffending_rate__numerator,
        count(*) as proven_reoffending_rate__denominator
    from cohort
    cross join home
    left join reoffenders on cohort.cohort_ref = reoffenders.cohort_ref
    group by all
),

final as (
    {{ unpivot_measures('started') }}
)

select * from final
