with bands as (
    select min(valid_from) as first_day from {{ ref('int_recency_day') }}
),

crimes as (
    select * from {{ ref('fct_crime') }}
),

final as (
    select
        crimes.crime_ref,
        crimes.recorded_date,
        crimes.recency_days
    from crimes
    cross join bands
    where crimes.recency_band is null and crimes.recorded_date >= bands.first_day
)

select * from final
