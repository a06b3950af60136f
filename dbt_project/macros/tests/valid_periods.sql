{% test valid_periods(model, key, allow_gaps=false) %}
{%- set columns = [key] if key is string else key -%}
with periods as (
    select
        {{ columns | join(', ') }},
        valid_from,
        valid_to,
        lead(valid_from) over (partition by {{ columns | join(', ') }} order by valid_from) as next_valid_from
    from {{ model }}
),

final as (
    select
        *,
        case
            when valid_from is null then 'no first day'
            when valid_to < valid_from then 'ends before it begins'
            when next_valid_from is not null and (valid_to is null or next_valid_from <= valid_to) then 'overlap'
            {% if not allow_gaps -%}
            when next_valid_from > {{ add_days('valid_to', 1) }} then 'gap'
            {%- endif %}
        end as fault
    from periods
)

select * from final
where fault is not null
{% endtest %}
