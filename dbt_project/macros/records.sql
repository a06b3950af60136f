{#- Small pieces of SQL that several models share and that mean one thing everywhere. -#}

{#- Whether a list held in one text, `a;b`, has an entry. Never null. -#}
{% macro has_entry(list, entry) -%}
coalesce(contains(';' || {{ list }} || ';', ';{{ entry }};'), false)
{%- endmacro %}

{#- True where the row came with a delivery that the previous build had not seen. -#}
{% macro is_from_new_delivery() -%}
_delivery_no in (select delivery_no from {{ ref('int_visible_delivery') }} where is_new)
{%- endmacro %}

{#- Whether the build adds to the last whole one, so that some deliveries are not new to it. Asked when the SQL is run. -#}
{% macro adds_to_last_build() -%}
{%- set visible = source('control', 'visible_delivery') -%}
{{- return(execute and run_query('select 1 from ' ~ visible ~ ' where not is_new limit 1') | length > 0) -}}
{%- endmacro %}

{#- Keyed pseudonym of an identity: 16 hexadecimal digits, or null for no identity. Needs the model's `secret` CTE. -#}
{% macro pseudonym(identity) -%}
substr({{ sha256_hex("secret.key || '|' || " ~ identity) }}, 1, 16)
{%- endmacro %}

{#- Who called: the name and the address together. Without a surname or an address there is nobody, and it is null. -#}
{% macro caller_identity() -%}
coalesce({{ normalise_text('caller_forename') }}, '')
        || '|' || {{ normalise_text('caller_surname') }}
        || '|' || {{ normalise_text('caller_address') }}
        || '|' || coalesce({{ normalise_text('caller_postcode') }}, '')
{%- endmacro %}

{#- In an incremental run, only the rows of deliveries that the previous build had not seen. -#}
{% macro only_new_deliveries() -%}
{%- set from_new_delivery = is_from_new_delivery() -%}
{%- if is_incremental() -%}where {{ from_new_delivery }}{%- endif -%}
{%- endmacro %}

{#- In an incremental run, only the rows of crimes that a new delivery of crimes or of outcomes has changed. -#}
{% macro only_changed_crimes() -%}
{%- set changed_crime = ref('int_changed_crime') -%}
{%- if is_incremental() -%}where crime_ref in (select crime_ref from {{ changed_crime }}){%- endif -%}
{%- endmacro %}
