with periods as (
    select * from {{ source('ledger', 'delivery_periods') }}
    where feed = 'police_uk_street'
),

visible as (
    select * from {{ source('control', 'visible_delivery') }}
    where feed = 'police_uk_street'
),

ordered as (
    select
        periods.reported_by,
        periods.month,
        periods.delivery_no as earlier_delivery_no,
        visible.extracted_at as earlier_extracted_at,
        lead(periods.delivery_no) over delivery_order as later_delivery_no,
        lead(visible.extracted_at) over delivery_order as later_extracted_at
    from periods
    inner join visible on periods.delivery_no = visible.delivery_no
    window delivery_order as (
        partition by periods.reported_by, periods.month
        order by visible.ordinal
    )
),

final as (
    select
        reported_by,
        month,
        earlier_delivery_no,
        earlier_extracted_at,
        later_delivery_no,
        later_extracted_at
    from ordered
    where later_delivery_no is not null
)

select * from final
