{% materialization table, adapter='duckdb', supported_languages=['sql'] %}
    {%- do refuse_what_is_not_done() -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- if existing is not none and not existing.is_table -%}
        {%- do adapter.drop_relation(existing) -%}
    {%- endif -%}

    {%- call statement('main') -%}
        {%- if config.get('contract').enforced -%}
            {{ get_assert_columns_equivalent(compiled_code) }}
            create or replace table {{ target }} {{ get_table_columns_and_constraints() }};
            insert into {{ target }} {{ get_column_names() }} ({{ get_select_subquery(compiled_code) }})
        {%- else -%}
            create or replace table {{ target }} as {{ compiled_code }}
        {%- endif -%}
    {%- endcall -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}


{% macro refuse_what_is_not_done() %}
    {%- set asked = [] -%}
    {%- if config.persist_relation_docs() or config.persist_column_docs() -%}
        {%- do asked.append('persist_docs (a release writes the comments: dagster_srp/release/comments.py)') -%}
    {%- endif -%}
    {%- for option in ('grants', 'indexes', 'partitioned_by', 'sql_header') if config.get(option) -%}
        {%- do asked.append(option) -%}
    {%- endfor -%}
    {%- if asked -%}
        {%- do exceptions.raise_compiler_error(
            model.name ~ ' asks for ' ~ asked | join(', ') ~ ', which the table materialization of this project does not do.'
            ~ ' Remove the option, or extend macros/materializations/table.sql.'
        ) -%}
    {%- endif -%}
{% endmacro %}
