{#
    A theme model counts its indicators side by side, one line of SQL each, so that one scan serves all of them;
    it is stored one row per indicator, so that its columns (and their contract) do not change when an indicator is added.

    unpivot_measures(counted) turns the columns of the CTE `counted` into rows. A column named <indicator_id> is a
    count; <indicator_id>__numerator and <indicator_id>__denominator are the two counts of a rate. Zeros are not stored.
#}
{% macro unpivot_measures(counted) %}
    select
        month_date,
        force_code,
        csp_code,
        ward_code,
        lsoa_code,
        split_part(measure, '__', 1) as indicator_id,
        cast(
            coalesce(sum(quantity) filter (where measure not like '%!_!_denominator' escape '!'), 0)
            as decimal(18, 3)
        ) as numerator,
        cast(
            sum(quantity) filter (where measure like '%!_!_denominator' escape '!')
            as decimal(18, 3)
        ) as denominator
    from {{ adapter.dispatch('wide_to_long', 'srp')(counted, ['month_date', 'force_code', 'csp_code', 'ward_code', 'lsoa_code']) }}
    where quantity <> 0
    group by all
{% endmacro %}


{# A relation with the key columns, `measure` (the name of each other column) and `quantity` (what stood in it). #}
{% macro duckdb__wide_to_long(wide, keys) %}
    (unpivot {{ wide }} on columns(* exclude ({{ keys | join(', ') }})) into name measure value quantity) as long
{% endmacro %}


{% macro spark__wide_to_long(wide, keys) %}
    (
        select
            {{ keys | join(', ') }},
            explode(
                from_json(to_json(struct(* except ({{ keys | join(', ') }}))), 'map<string, decimal(18, 3)>')
            ) as (measure, quantity)
        from {{ wide }}
    ) as long
{% endmacro %}
