{% test no_blanks(model, columns) %}
with final as (
    {% for column in columns -%}
    select
        '{{ column }}' as column_name,
        count(*) as rows_count
    from {{ model }}
    where {{ column }} is null
    having count(*) > 0
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select * from final
{% endtest %}
