-- MARAC cases and repeats, on both bases (referred and heard are different populations) and under both rules.
with rules as (
    select
        rule_id,
        counts_any_abuse,
        valid_from,
        valid_to
    from {{ ref('marac_repeat_rules') }}
),

months as (
    {% for basis, date_column in [('referred', 'referral_month_date'), ('heard', 'hearing_month_date')] %}
    select
        '{{ basis }}' as basis,
        csp_code,
        {{ date_column }} as month_date,
        count(*) as cases_count,
        count(*) filter (where is_repeat_any_abuse) as repeats_any_abuse_count,
        count(*) filter (where is_repeat_criminal_only) as repeats_criminal_only_count
    from {{ ref('fct_marac_case') }}
    where {{ date_column }} is not null and csp_code is not null
    group by all
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

whole as (
    select
        coverage.period_type,
        coverage.period_start,
        coverage.period_end,
        coverage.area_code as csp_code,
        case when coverage.indicator_id = 'marac_referrals' then 'referred' else 'heard' end as basis,
        rules.rule_id,
        rules.counts_any_abuse
    from {{ ref('indicator_coverage') }} as coverage
    inner join rules
        on
            coverage.period_end >= rules.valid_from
            and (rules.valid_to is null or coverage.period_end <= rules.valid_to)
    where coverage.indicator_id in ('marac_referrals', 'marac_cases_heard') and coverage.area_type = 'csp'
),

counted as (
    select
        whole.*,
        coalesce(sum(months.cases_count), 0) as cases_count,
        coalesce(
            sum(
                case
                    when whole.counts_any_abuse then months.repeats_any_abuse_count
                    else months.repeats_criminal_only_count
                end
            ),
            0
        ) as repeats_count
    from whole
    left join months
        on
            whole.basis = months.basis
            and whole.csp_code = months.csp_code
            and months.month_date between whole.period_start and whole.period_end
    group by all
),

final as (
    select
        counted.period_type,
        counted.period_start,
        counted.period_end,
        counted.csp_code,
        counted.basis,
        counted.rule_id,
        cast(counted.cases_count as bigint) as cases_count,
        cast(counted.repeats_count as bigint) as repeats_count,
        round(cast(100 * counted.repeats_count as double) / nullif(counted.cases_count, 0), 10) as repeat_rate_pct,
        cast(women.adult_women_count as bigint) as adult_women_count,
        cast(10000 * counted.cases_count as double) / women.adult_women_count as cases_per_10000_women
    from counted
    left join {{ ref('adult_women') }} as women
        on
            women.area_type = 'csp'
            and counted.csp_code = women.area_code
            and counted.period_end >= women.valid_from
            and (women.valid_to is null or counted.period_end <= women.valid_to)
)

select * from final
