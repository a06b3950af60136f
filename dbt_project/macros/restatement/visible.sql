{#-
    Which rows of raw speak for a record. Raw keeps every accepted row of every delivery; a build sees the deliveries of
    control.visible_delivery, and a feed's restatement rule says which of their rows stand. The order of two versions is
    the delivery's ordinal (the moment of its extraction, then that of its arrival), then the line.
-#}

{% macro visible_deliveries(feed) -%}
select delivery_no from {{ source('control', 'visible_delivery') }} where feed = '{{ feed }}'
{%- endmacro %}
