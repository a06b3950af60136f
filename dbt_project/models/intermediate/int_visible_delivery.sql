with visible as (
    select * from {{ source('control', 'visible_delivery') }}
),

deliveries as (
    select * from {{ source('ledger', 'deliveries') }}
),

final as (
    select
        visible.delivery_no,
        visible.feed,
        visible.sha256,
        visible.extracted_at,
        visible.ordinal,
        visible.is_new,
        deliveries.rows_read_count,
        deliveries.accepted_count,
        deliveries.quarantined_count
    from visible
    inner join deliveries on visible.delivery_no = deliveries.delivery_no
)

select * from final
