{#-
    Everything that DuckDB and Spark do not write alike. Each macro takes SQL expressions and gives one back; models call
    these and otherwise keep to what both engines read.
-#}

{% macro normalise_text(expression) %}{{ adapter.dispatch('normalise_text', 'srp')(expression) }}{% endmacro %}

{% macro default__normalise_text(expression) -%}
nullif(
    regexp_replace(
        case
            when strlen({{ expression }}) = length({{ expression }}) then lower({{ expression }})
            when regexp_matches({{ expression }}, '[^\p{Latin}\p{Common}\p{Inherited}]')
                then lower(nfc_normalize({{ expression }}))
            else {{ spelt_in_plain_latin("translate(lower(strip_accents(" ~ expression ~ ")), 'łøđħıð', 'lodhid')") }}
        end,
        '[^\p{L}\p{M}\p{N}]+', '', 'g'
    ),
    ''
)
{%- endmacro %}

{% macro spelt_in_plain_latin(expression) -%}
replace(replace(replace(replace({{ expression }}, 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th')
{%- endmacro %}

{#- Spark has no strip_accents: the accented letters that occur in English records are mapped one by one. -#}
{% macro spark__normalise_text(expression) -%}
nullif(
    regexp_replace(
        {{ spelt_in_plain_latin(
            "translate(lower(" ~ expression ~ "), 'àáâãäåąćçčďèéêëęěìíîïłńñňòóôõöøőřśšťùúûüůűýÿźżžđħıð', "
            ~ "'aaaaaaacccdeeeeeeiiiilnnnooooooorsstuuuuuuyyzzzdhid')"
        ) }},
        '[^\\p{L}\\p{M}\\p{N}]+', ''
    ),
    ''
)
{%- endmacro %}

{% macro sha256_hex(expression) %}{{ adapter.dispatch('sha256_hex', 'srp')(expression) }}{% endmacro %}
{% macro default__sha256_hex(expression) %}sha256({{ expression }}){% endmacro %}
{% macro spark__sha256_hex(expression) %}sha2({{ expression }}, 256){% endmacro %}

{% macro candidate_hash(columns) %}{{ adapter.dispatch('candidate_hash', 'srp')(columns) }}{% endmacro %}
{% macro default__candidate_hash(columns) %}hash({{ columns | join(', ') }}){% endmacro %}
{% macro spark__candidate_hash(columns) %}xxhash64({{ columns | join(', ') }}){% endmacro %}

{% macro sorted_list(expression) %}{{ adapter.dispatch('sorted_list', 'srp')(expression) }}{% endmacro %}

{% macro default__sorted_list(expression) -%}
array_to_string(
    list_sort(list_distinct(list_filter(list_transform(string_split({{ expression }}, ';'), lambda x: trim(x)), lambda x: x <> ''))),
    ';'
)
{%- endmacro %}

{% macro spark__sorted_list(expression) -%}
array_join(
    sort_array(array_distinct(filter(transform(split({{ expression }}, ';'), x -> trim(x)), x -> x <> ''))), ';'
)
{%- endmacro %}

{% macro list_size(expression) %}{{ adapter.dispatch('list_size', 'srp')(expression) }}{% endmacro %}
{% macro default__list_size(expression) %}cast(coalesce(len(string_split({{ expression }}, ';')), 0) as integer){% endmacro %}
{% macro spark__list_size(expression) -%}
case when {{ expression }} is null then 0 else size(split({{ expression }}, ';')) end
{%- endmacro %}

{% macro add_months(expression, months) %}{{ adapter.dispatch('add_months', 'srp')(expression, months) }}{% endmacro %}
{% macro default__add_months(expression, months) -%}
cast({{ expression }} + to_months(cast({{ months }} as integer)) as date)
{%- endmacro %}
{% macro spark__add_months(expression, months) %}add_months({{ expression }}, {{ months }}){% endmacro %}

{% macro add_days(expression, days) %}{{ adapter.dispatch('add_days', 'srp')(expression, days) }}{% endmacro %}
{% macro default__add_days(expression, days) %}({{ expression }} + cast({{ days }} as integer)){% endmacro %}
{% macro spark__add_days(expression, days) %}date_add({{ expression }}, {{ days }}){% endmacro %}

{% macro days_between(earlier, later) %}{{ adapter.dispatch('days_between', 'srp')(earlier, later) }}{% endmacro %}
{% macro default__days_between(earlier, later) %}cast({{ later }} - {{ earlier }} as integer){% endmacro %}
{% macro spark__days_between(earlier, later) %}datediff({{ later }}, {{ earlier }}){% endmacro %}

{% macro months_between_starts(earlier, later) -%}
((year({{ later }}) - year({{ earlier }})) * 12 + month({{ later }}) - month({{ earlier }}))
{%- endmacro %}

{% macro month_start(expression) %}cast(date_trunc('month', {{ expression }}) as date){% endmacro %}

{% macro financial_year_start(expression) -%}
{{ add_months("cast(date_trunc('year', " ~ add_months(expression, -3) ~ ") as date)", 3) }}
{%- endmacro %}

{% macro integers_to(last) %}{{ adapter.dispatch('integers_to', 'srp')(last) }}{% endmacro %}
{% macro default__integers_to(last) %}select cast(unnest(range(0, {{ last }} + 1)) as integer) as n{% endmacro %}
{% macro spark__integers_to(last) %}select explode(sequence(0, {{ last }})) as n{% endmacro %}

{% macro joined_values(expression) %}{{ adapter.dispatch('joined_values', 'srp')(expression) }}{% endmacro %}
{% macro default__joined_values(expression) %}string_agg({{ expression }}, ';' order by {{ expression }}){% endmacro %}
{% macro spark__joined_values(expression) %}array_join(sort_array(collect_list({{ expression }})), ';'){% endmacro %}

{% macro lag_by(expression, rows, window) %}{{ adapter.dispatch('lag_by', 'srp')(expression, rows, window) }}{% endmacro %}
{% macro default__lag_by(expression, rows, window) %}lag({{ expression }}, {{ rows }}) over {{ window }}{% endmacro %}
{% macro spark__lag_by(expression, rows, window) -%}
try_element_at(
    collect_list({{ expression }}) over ({{ window }} rows between unbounded preceding and current row),
    cast(-1 - ({{ rows }}) as integer)
)
{%- endmacro %}

{% macro lead_by(expression, rows, window) %}{{ adapter.dispatch('lead_by', 'srp')(expression, rows, window) }}{% endmacro %}
{% macro default__lead_by(expression, rows, window) %}lead({{ expression }}, {{ rows }}) over {{ window }}{% endmacro %}
{% macro spark__lead_by(expression, rows, window) -%}
try_element_at(
    collect_list({{ expression }}) over ({{ window }} rows between current row and unbounded following),
    cast(1 + ({{ rows }}) as integer)
)
{%- endmacro %}
