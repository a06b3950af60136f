with final as (
    select
        feed,
        sha256,
        rows_read_count,
        accepted_count,
        quarantined_count
    from {{ ref('delivery_conservation') }}
    where rows_read_count <> accepted_count + quarantined_count
)

select * from final
