-- Positive outcomes of hate crimes under every named set and on both bases, from the counts of each period.
-- recorded: the hate crimes recorded in the period. given: those whose latest outcome was given in it.
with crimes as (
    select
        force_code,
        csp_code,
        recorded_month_date,
        latest_outcome_type,
        latest_outcome_date,
        count(*) as crimes_count
    from {{ ref('fct_crime') }}
    where is_hate_crime
    group by force_code, csp_code, recorded_month_date, latest_outcome_type, latest_outcome_date
),

sets as (
    select distinct set_id from {{ ref('positive_outcome_sets') }}
),

judged as (
    select
        crimes.force_code,
        crimes.csp_code,
        crimes.recorded_month_date,
        case when crimes.latest_outcome_type <> '0' then {{ month_start('crimes.latest_outcome_date') }} end
            as given_month_date,
        sets.set_id,
        crimes.crimes_count,
        positive.outcome_type is not null as is_positive
    from crimes
    cross join sets
    left join {{ ref('positive_outcome_sets') }} as positive
        on
            sets.set_id = positive.set_id
            and crimes.latest_outcome_type = positive.outcome_type
            and crimes.latest_outcome_date >= positive.valid_from
            and (positive.valid_to is null or crimes.latest_outcome_date <= positive.valid_to)
),

months as (
    {% for basis in ['recorded', 'given'] %}
    {% for area_type in ['csp', 'force'] %}
    select
        '{{ basis }}' as basis,
        set_id,
        '{{ area_type }}' as area_type,
        {{ area_type }}_code as area_code,
        {{ basis }}_month_date as month_date,
        sum(case when is_positive then crimes_count else 0 end) as numerator,
        sum(crimes_count) as denominator,
        sum(case when given_month_date is null then crimes_count else 0 end) as without_outcome_count
    from judged
    where {{ basis }}_month_date is not null and {{ area_type }}_code is not null
    group by all
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

whole as (
    select
        figures.*,
        sets.set_id,
        case
            when figures.indicator_id = 'hate_crime_positive_outcome_rate' then 'recorded' else 'given'
        end as basis
    from {{ ref('figure_maturity') }} as figures
    cross join sets
    where
        figures.indicator_id in ('hate_crime_positive_outcome_rate', 'hate_crime_positive_outcome_rate_given')
),

final as (
    select
        whole.period_type,
        whole.period_start,
        whole.period_end,
        whole.area_type,
        whole.area_code,
        whole.basis,
        whole.set_id,
        cast(coalesce(sum(months.numerator), 0) as bigint) as numerator,
        cast(coalesce(sum(months.denominator), 0) as bigint) as denominator,
        round(cast(100 * sum(months.numerator) as double) / nullif(sum(months.denominator), 0), 10) as value,
        cast(coalesce(sum(months.without_outcome_count), 0) as bigint) as without_outcome_count,
        whole.maturity
    from whole
    left join months
        on
            whole.basis = months.basis
            and whole.set_id = months.set_id
            and whole.area_type = months.area_type
            and whole.area_code = months.area_code
            and months.month_date between whole.period_start and whole.period_end
    group by
        whole.period_type, whole.period_start, whole.period_end, whole.area_type, whole.area_code, whole.basis,
        whole.set_id, whole.maturity
)

select * from final
