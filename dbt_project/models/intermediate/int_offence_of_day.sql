with offences as (
    select * from {{ ref('offence_groups') }}
),

final as (
    -- An open end becomes a day beyond all others: a join with an `or` in it would compare every pair of rows.
    select
        offence_code,
        offence_group,
        offence_subgroup,
        valid_from,
        coalesce(valid_to, date '9999-12-31') as valid_until
    from offences
)

select * from final
