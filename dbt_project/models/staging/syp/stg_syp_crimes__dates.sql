with records as (
    select * from {{ source('landing', 'syp_crimes') }}
),

final as (
    -- Of every version, current or superseded, and not ranked: a reader of a few crimes need not order all of them.
    select
        crime_ref,
        recorded_date,
        committed_from_date,
        _delivery_no,
        _line
    from records
    where _delivery_no in ({{ visible_deliveries('syp_crimes') }})
)

select * from final
