with offences as (
    select * from {{ ref('dim_offence') }}
),

final as (
    -- An open end becomes a day beyond all others, so that a join needs no `or`, with which DuckDB would compare every pair.
    select
        offence_code,
        offence_group,
        offence_subgroup,
        valid_from,
        coalesce(valid_to, date '9999-12-31') as valid_until
    from offences
)

select * from final
