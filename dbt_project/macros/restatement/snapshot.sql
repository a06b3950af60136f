{% macro latest_snapshot(feed) -%}
select raw.*
from {{ source('landing', feed) }} as raw
where
    raw._delivery_no in (
        select max_by(delivery_no, ordinal)
        from {{ source('control', 'visible_delivery') }}
        where feed = '{{ feed }}'
    )
{%- endmacro %}
