with final as (
    select
        delivery_no,
        feed,
        rows_read_count,
        accepted_count,
        quarantined_count
    from {{ ref('delivery_conservation') }}
    where rows_read_count <> accepted_count + quarantined_count
)

select * from final
