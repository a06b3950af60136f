{#
    The two halves of an incremental model by month: `only_touched_months` keeps, in an incremental run, the records of
    the months that changed deliveries touch; `forget_touched_months`, as the model's pre-hook, deletes those months
    first, so that a month whose last record moved away is emptied too (delete+insert would leave it standing).
    `joined_by` is `and` after another condition.

    A large model of this kind ends in `order by month_date`: the months that deliveries touch then lie together at the
    table's end, where they leave nothing else for DuckDB to write again.
#}
{% macro only_touched_months(month_column, touched, joined_by='where') %}
    {% if is_incremental() %}
        {{ joined_by }} {{ month_column }} in (select touched.month_date from {{ touched }} as touched)
    {% endif %}
{% endmacro %}


{% macro forget_touched_months(touched_model, month_column='month_date') %}
    {% if is_incremental() %}
        delete from {{ this }}
        where {{ month_column }} in (select touched.month_date from {{ ref(touched_model) }} as touched)
    {% endif %}
{% endmacro %}
