with records as (
    select * from {{ ref('stg_probation_cohort') }}
),

secret as (
    select * from {{ ref('int_pseudonym_secret') }}
),

final as (
    select
        records.cohort_ref,
        records.cohort_start_date,
        records.sentence,
        records.payback_hours_ordered,
        records.payback_hours_done,
        records.reoffence_dates,
        {{ pseudonym("'probation:' || trim(records.person_ref)") }} as person_key
    from records
    cross join secret
)

select * from final
