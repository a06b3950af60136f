{# One row for each entry of a list held in one text, `a;b`: an expression of the select list. #}
{% macro list_entries(expression) %}{{ adapter.dispatch('list_entries', 'srp')(expression) }}{% endmacro %}
{% macro default__list_entries(expression) %}unnest(string_split({{ expression }}, ';')){% endmacro %}
{% macro spark__list_entries(expression) %}explode(split({{ expression }}, ';')){% endmacro %}
