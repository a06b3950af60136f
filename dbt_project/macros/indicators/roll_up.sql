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
            cast(sum(months.numerator) as decimal(18, 3)) as numerator,
            cast(sum(months.denominator) as decimal(18, 3)) as denominator
        from months
        {% if area_type in ['ward', 'lsoa'] %}
        inner join home on months.csp_code = home.csp_code
        {% endif %}
        where months.{{ area_type }}_code is not null
        group by all
        {% if not loop.last %}union all{% endif %}
        {% endfor %}
    ),

    -- Series and periods are numbered, because a month belongs to fifteen periods: grouping so many rows by texts takes
    -- half as long again, and by sums of 38 digits a quarter.
    series as (
        select
            indicator_id,
            area_type,
            area_code,
            row_number() over (order by indicator_id, area_type, area_code) as series_no
        from placed
        group by indicator_id, area_type, area_code
    ),

    month_periods as (
        select
            period_type,
            period_start,
            period_end,
            month_date,
            dense_rank() over (order by period_type, period_start) as period_no
        from {{ ref('indicator_periods') }}
    ),

    periods as (
        select distinct
            period_no,
            period_type,
            period_start,
            period_end
        from month_periods
    ),

    summed as (
        select
            series.series_no,
            month_periods.period_no,
            sum(placed.numerator) as numerator,
            sum(placed.denominator) as denominator
        from placed
        inner join series
            on
                placed.indicator_id = series.indicator_id
                and placed.area_type = series.area_type
                and placed.area_code = series.area_code
        inner join month_periods on placed.month_date = month_periods.month_date
        group by series.series_no, month_periods.period_no
    )

    select
        series.indicator_id,
        periods.period_type,
        periods.period_start,
        periods.period_end,
        series.area_type,
        series.area_code,
        summed.numerator,
        summed.denominator
    from summed
    inner join series on summed.series_no = series.series_no
    inner join periods on summed.period_no = periods.period_no
{% endmacro %}
