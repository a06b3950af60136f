{#- Small pieces of SQL that several models share and that mean one thing everywhere. -#}

{% macro has_entry(list, entry) -%}
coalesce(contains(';' || {{ list }} || ';', ';{{ entry }};'), false)
{%- endmacro %}

{% macro is_from_new_delivery() -%}
_delivery_no in (select delivery_no from {{ ref('int_visible_delivery') }} where is_new)
{%- endmacro %}

{% macro adds_to_last_build() -%}
{%- set visible = source('control', 'visible_delivery') -%}
{{- return(execute and run_query('select 1 from ' ~ visible ~ ' where not is_new limit 1') | length > 0) -}}
{%- endmacro %}

{% macro pseudonym(identity) -%}
substr({{ sha256_hex("secret.key || '|' || " ~ identity) }}, 1, 16)
{%- endmacro %}

{% macro caller_identity() -%}
coalesce({{ normalise_text('caller_forename') }}, '')
        || '|' || {{ normalise_text('caller_surname') }}
        || '|' || {{ normalise_text('caller_address') }}
        || '|' || coalesce({{ normalise_text('caller_postcode') }}, '')
{%- endmacro %}

{% macro only_new_deliveries() -%}
{%- set from_new_delivery = is_from_new_delivery() -%}
{%- if is_incremental() -%}where {{ from_new_delivery }}{%- endif -%}
{%- endmacro %}

{% macro only_changed_crimes() -%}
{%- set changed_crime = ref('int_changed_crime') -%}
{%- if is_incremental() -%}where crime_ref in (select crime_ref from {{ changed_crime }}){%- endif -%}
{%- endmacro %}
