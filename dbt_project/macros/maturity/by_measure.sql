{#
    Rows of crimes once for each measure whose cohorts they belong to, with the measure's name. A measure that is added here
    is added to the accepted values of the seed `ladder_indicators`.
#}
{% macro by_measure(crimes) %}
    select 'all_crimes' as measure, * from {{ crimes }}
    union all
    select 'hate_crimes' as measure, * from {{ crimes }} where is_hate_crime
    union all
    select 'cse_tagged_crimes' as measure, * from {{ crimes }} where is_cse
    union all
    select 'cce_tagged_crimes' as measure, * from {{ crimes }} where is_cce
{% endmacro %}
