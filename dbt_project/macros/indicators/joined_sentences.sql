{# The sentences of a group as one text, in the order of a key. #}
{% macro joined_sentences(sentence, key) %}{{ adapter.dispatch('joined_sentences', 'srp')(sentence, key) }}{% endmacro %}
{% macro default__joined_sentences(sentence, key) %}string_agg({{ sentence }}, ' ' order by {{ key }}){% endmacro %}
{% macro spark__joined_sentences(sentence, key) -%}
array_join(transform(sort_array(collect_list(struct({{ key }} as k, {{ sentence }} as s))), x -> x.s), ' ')
{%- endmacro %}
