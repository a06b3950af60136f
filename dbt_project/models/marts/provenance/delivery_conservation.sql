with final as (
    select
        feed,
        sha256,
        extracted_at,
        rows_read_count,
        accepted_count,
        quarantined_count,
        current_count,
        superseded_count
    from {{ ref('int_delivery_count') }}
)

select * from final
