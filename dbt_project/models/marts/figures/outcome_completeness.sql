with projections as (
    select * from {{ ref('outcome_projection') }}
),

final as (
    select * from projections
)

select * from final
