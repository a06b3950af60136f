{% test relationships(model, column_name, to, field, touched=none, month=none) %}
{%- set touched_months = ref(touched) if touched -%}
{%- set among_touched = touched and adds_to_last_build() -%}
with child as (
    select {{ column_name }} as from_field
    from {{ model }}
    where
        {{ column_name }} is not null
        {% if among_touched -%}
        and {{ month }} in (select month_date from {{ touched_months }})
        {%- endif %}
),

final as (
    select from_field from child
    where from_field not in (select {{ field }} from {{ to }} where {{ field }} is not null)
)

select * from final
{% endtest %}
