{#
    The place columns of a theme model, from a fact that carries areas. The LSOA is the one of 2021, so that a place
    keeps one code through the years; null means that the record could not be placed.
#}
{% macro places() %}force_code, csp_code, ward_code, lsoa21_code as lsoa_code{% endmacro %}


{# The place columns of a theme model for a feed that says no more than the partnership. #}
{% macro partnership_place() -%}
    force_code,
    csp_code,
    cast(null as varchar) as ward_code,
    cast(null as varchar) as lsoa_code
{%- endmacro %}
