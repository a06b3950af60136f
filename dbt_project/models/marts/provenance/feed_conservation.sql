with deliveries as (
    select * from {{ ref('delivery_conservation') }}
),

final as (
    select
        feed,
        cast(count(*) as bigint) as deliveries_count,
        cast(sum(rows_read_count) as bigint) as rows_read_count,
        cast(sum(quarantined_count) as bigint) as quarantined_count,
        cast(sum(accepted_count) as bigint) as accepted_count,
        cast(sum(current_count) as bigint) as current_count,
        cast(sum(superseded_count) as bigint) as superseded_count
    from deliveries
    group by feed
)

select * from final
