with crimes as (
    select distinct
        offence_code,
        recorded_date
    from {{ ref('int_crime') }}
    -- What no whole build has looked at; after a new list every delivery is new.
    where {{ is_from_new_delivery() }}
),

offences as (
    select * from {{ ref('int_offence_of_day') }}
),

final as (
    select
        crimes.offence_code,
        min(crimes.recorded_date) as first_recorded_date,
        max(crimes.recorded_date) as last_recorded_date
    from crimes
    left join offences
        on
            crimes.offence_code = offences.offence_code
            and crimes.recorded_date >= offences.valid_from
            and crimes.recorded_date <= offences.valid_until
    where offences.offence_code is null
    group by crimes.offence_code
)

select * from final
