{#
    roll_up(themes) adds the months of theme models up to quarters, financial years and rolling twelve months, and
    their places up to LSOA, ward, Community Safety Partnership and force. Only counts are added; a rate is made from
    the sums afterwards. The answer is sparse: a period and area without records has no row.

    Wards and LSOAs are rolled up for the home partnership only.
#}
{% macro roll_up(themes) %}
    with months as (
        {% for theme in themes %}
        select * from {{ theme }}
        {% if not loop.last %}union all{% endif %}
        {% endfor %}
    ),

    home as (
        select csp_code from {{ ref('int_home_area') }}
    ),

    placed as (
        {% for area_type in ['force', 'csp', 'ward', 'lsoa'] %}
        select
            months.indicator_id,
            months.month_date,
            '{{ area_type }}' as area_type,
            months.{{ area_type }}_code as area_code,
            sum(months.numerator) as numerator,
            sum(months.denominator) as denominator
        from months
        {% if area_type in ['ward', 'lsoa'] %}
        inner join home on months.csp_code = home.csp_code
        {% endif %}
        where months.{{ area_type }}_code is not null
        group by all
        {% if not loop.last %}union all{% endif %}
        {% endfor %}
    )

    select
        placed.indicator_id,
        periods.period_type,
        periods.period_start,
        periods.period_end,
        placed.area_type,
        placed.area_code,
        sum(placed.numerator) as numerator,
        sum(placed.denominator) as denominator
    from placed
    inner join {{ ref('indicator_periods') }} as periods on placed.month_date = periods.month_date
    group by all
{% endmacro %}
