with counts as (
    select * from {{ ref('repeat_count') }}
),

final as (
    select * from counts
)

select * from final
