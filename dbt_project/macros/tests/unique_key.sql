{#-
    Rows of a model that share a key. Only keys whose hash occurs twice are compared whole, so that the test costs little
    on tens of millions of rows. `changed` names the model of the keys that new deliveries name: where the build added to
    the last one, whose every key was judged, no other row was written, and only those keys are looked at.
-#}
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
