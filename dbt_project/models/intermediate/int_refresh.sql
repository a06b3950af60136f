with final as (
    select
        release_id,
        as_at,
        known_at,
        is_demo
    from {{ source('control', 'refresh') }}
)

select * from final
