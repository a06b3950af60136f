{% test unique_key(model, columns, changed=none) %}
{%- set changed_keys = ref(changed) if changed -%}
{%- set among_changed = changed and adds_to_last_build() -%}
with repeated as (
    select {{ candidate_hash(columns) }} as key_hash
    from {{ model }}
    {% if among_changed -%}
    where {{ columns | join(', ') }} in (select {{ columns | join(', ') }} from {{ changed_keys }})
    {% endif -%}
    group by 1
    having count(*) > 1
),

final as (
    select
        {{ columns | join(', ') }},
        count(*) as rows_count
    from {{ model }}
    where {{ candidate_hash(columns) }} in (select key_hash from repeated)
    group by {{ columns | join(', ') }}
    having count(*) > 1
)

select * from final
{% endtest %}
