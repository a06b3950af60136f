with records as (
    select * from {{ ref('int_probation_cohort') }}
),

home as (
    select * from {{ ref('int_home_area') }}
),

final as (
    select
        records.cohort_ref,
        records.cohort_start_date,
        {{ month_start('records.cohort_start_date') }} as cohort_month_date,
        records.sentence,
        records.payback_hours_ordered,
        records.payback_hours_done,
        {{ list_size('records.reoffence_dates') }} as reoffences_count,
        home.csp_code,
        home.force_code,
        records.person_key
    from records
    cross join home
)

select * from final
