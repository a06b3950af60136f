{% macro winning_months(feed) -%}
select raw.*
from {{ source('landing', feed) }} as raw
inner join {{ ref('stg_' ~ feed ~ '__months') }} as winner
    on
        raw._delivery_no = winner.delivery_no
        and raw.reported_by = winner.reported_by
        and raw.month = winner.month
{%- endmacro %}

{% macro month_winners(feed) -%}
with periods as (
    select * from {{ source('ledger', 'delivery_periods') }} where feed = '{{ feed }}'
),

visible as (
    select * from {{ source('control', 'visible_delivery') }} where feed = '{{ feed }}'
),

final as (
    select
        periods.reported_by,
        periods.month,
        periods.delivery_no,
        visible.extracted_at,
        visible.is_new
    from periods
    inner join visible on periods.delivery_no = visible.delivery_no
    qualify row_number() over (
        partition by periods.reported_by, periods.month order by visible.ordinal desc
    ) = 1
)

select * from final
{%- endmacro %}

{% macro lost_months(feed) -%}
with periods as (
    select * from {{ source('ledger', 'delivery_periods') }} where feed = '{{ feed }}'
),

visible as (
    select * from {{ source('control', 'visible_delivery') }} where feed = '{{ feed }}'
),

ranked as (
    select
        periods.reported_by,
        periods.month,
        periods.delivery_no,
        periods.rows_count,
        max(visible.ordinal) over (partition by periods.reported_by, periods.month) > visible.ordinal as is_lost
    from periods
    inner join visible on periods.delivery_no = visible.delivery_no
),

final as (
    select
        reported_by,
        month,
        delivery_no,
        rows_count
    from ranked
    where is_lost
)

select * from final
{%- endmacro %}
