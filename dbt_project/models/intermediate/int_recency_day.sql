{{ config(materialized='table') }}

with bands as (
    select * from {{ ref('recency_bands') }}
),

days as (
    {{ integers_to("(select max(min_days) from bands)") }}
),

final as (
    -- The last day stands for itself and for all that are longer, so that a crime finds its band by equality.
    select
        days.n as recency_days,
        bands.band as recency_band,
        bands.valid_from,
        coalesce(bands.valid_to, date '9999-12-31') as valid_until
    from days
    inner join bands on days.n >= bands.min_days and (bands.max_days is null or days.n <= bands.max_days)
)

select * from final
