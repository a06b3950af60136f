with crimes as (
    select crime_ref
    from {{ ref('int_crime') }}
    where {{ is_from_new_delivery() }}
),

outcomes as (
    select crime_ref
    from {{ ref('int_crime_outcome') }}
    where {{ is_from_new_delivery() }}
),

final as (
    select crime_ref from crimes
    union
    select crime_ref from outcomes
)

select * from final
