{#- Restated by `snapshot`. Current rows of a feed that each delivery replaces whole: those of the highest ordinal. -#}
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
