with types as (
    select * from {{ ref('outcome_types') }}
),

members as (
    select distinct
        outcome_type,
        set_id
    from {{ ref('positive_outcome_sets') }}
),

sets as (
    select
        outcome_type,
        {{ joined_values('set_id') }} as positive_sets
    from members
    group by outcome_type
),

final as (
    select
        types.outcome_type,
        types.title,
        types.is_outcome,
        sets.positive_sets,
        types.valid_from,
        types.valid_to,
        types.source
    from types
    left join sets on types.outcome_type = sets.outcome_type
)

select * from final
