-- How long after the committed-from date the crimes of each committed-date measure were recorded: the days by which the
-- share that `ladder_rules` asks for had been. All recorded crimes count, whichever day they were committed: what comes
-- late to a period's figure is what was recorded late in the periods after it.
with crimes as (
    select
        {{ days_between('committed_from_date', 'recorded_date') }} as lag_days,
        offence_group,
        offence_subgroup,
        is_cse
    from {{ ref('fct_crime') }}
    where committed_from_date is not null
),

measured as (
    {% for indicator_id, condition in committed_measures().items() -%}
    select
        '{{ indicator_id }}' as indicator_id,
        lag_days,
        count(*) as crimes_count
    from crimes
    where {{ condition }}
    group by lag_days
    {% if not loop.last -%}
    union all
    {% endif -%}
    {%- endfor %}
),

gathered as (
    select
        indicator_id,
        lag_days,
        crimes_count,
        sum(crimes_count) over (partition by indicator_id order by lag_days) as recorded_count,
        sum(crimes_count) over (partition by indicator_id) as all_count
    from measured
),

rules as (
    select
        max(ladder.value) as recorded_share,
        max(waits.min_days) as common_min_days
    from {{ ref('ladder_rules') }} as ladder
    cross join {{ ref('maturity_rules') }} as waits
    where
        ladder.rule = 'recorded_share'
        and ladder.valid_to is null
        and waits.measure = 'any_count'
        and waits.valid_to is null
),

final as (
    select
        gathered.indicator_id,
        cast(sum(gathered.crimes_count) as bigint) as crimes_count,
        cast(
            sum(case when gathered.lag_days > rules.common_min_days then gathered.crimes_count else 0 end) as bigint
        ) as late_count,
        round(
            100 * cast(
                sum(case when gathered.lag_days > rules.common_min_days then gathered.crimes_count else 0 end) as double
            ) / sum(gathered.crimes_count),
            10
        ) as late_pct,
        cast(
            min(
                case
                    when gathered.recorded_count >= rules.recorded_share * gathered.all_count then gathered.lag_days
                end
            ) as integer
        ) as lag_days_count
    from gathered
    cross join rules
    group by gathered.indicator_id
)

select * from final
