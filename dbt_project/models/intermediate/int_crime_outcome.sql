with records as (
    select * from {{ ref('stg_syp_crime_outcomes') }}
),

final as (
    select
        crime_ref,
        outcome_type,
        outcome_date,
        -- The latest outcome is that of the latest day, and on one day that of the higher type.
        {{ days_between("date '1970-01-01'", 'outcome_date') }} * 1000 + cast(outcome_type as integer) as outcome_order,
        _delivery_no
    from records
)

select * from final
