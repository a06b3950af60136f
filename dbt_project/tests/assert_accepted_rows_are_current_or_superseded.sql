with final as (
    select
        feed,
        accepted_count,
        current_count,
        superseded_count
    from {{ ref('feed_conservation') }}
    where accepted_count <> current_count + superseded_count
)

select * from final
