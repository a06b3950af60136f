{#-
    Rows of a model that share a key. Only keys whose hash occurs twice are compared whole, so that the test costs little
    on tens of millions of rows.
-#}
{% test unique_key(model, columns) %}
with repeated as (
    select {{ candidate_hash(columns) }} as key_hash
    from {{ model }}
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
