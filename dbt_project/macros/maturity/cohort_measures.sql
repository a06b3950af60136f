{#
    The crimes that cohorts are made of, by the name of their measure: each is a condition on the columns of `fct_crime`.
    A measure that is added here is added to the accepted values of the seed `ladder_indicators`.
#}
{% macro cohort_measures() %}
    {{ return({
        'all_crimes': 'true',
        'hate_crimes': 'is_hate_crime',
        'cse_tagged_crimes': 'is_cse',
        'cce_tagged_crimes': 'is_cce',
    }) }}
{% endmacro %}
