{%- set z_80 = 1.2815515655446004 %}

-- How complete each cohort is at the age it has reached, and where it will end: the chain ladder's ultimate with Mack's
-- standard error, and a projected rate with its intervals from the crimes that still have no outcome. Where every crime
-- has one, in the older cohorts as in this, only corrections can move the rate: there the interval is Mack's.
with rules as (
    select
        max(case when rule = 'final_share' then value end) as final_share,
        max(case when rule = 'needed_age_days' then value end) as needed_age_days
    from {{ ref('ladder_rules') }}
    where valid_to is null
),

cohorts as (
    select
        measure,
        outcome_set,
        area_type,
        area_code,
        cohort_start_date,
        cohort_end_date,
        max(crimes_count) as crimes_count,
        max(case when is_observed then age_days end) as age_days,
        max_by(outcomes_count, case when is_observed then age_days end) as outcomes_count,
        max_by(without_outcome_count, case when is_observed then age_days end) as without_outcome_count
    from {{ ref('outcome_development') }}
    where is_ladder_age
    group by measure, outcome_set, area_type, area_code, cohort_start_date, cohort_end_date
),

climbed as (
    select
        cohorts.*,
        ladder.top_age_days,
        ladder.outcomes_ever_count,
        ladder.growth,
        case
            when ladder.growth > 0 and ladder.outcomes_ever_count > 0 then least(ladder.growth, 1 / ladder.growth)
        end as completeness,
        cohorts.outcomes_count * ladder.growth as ultimate,
        cohorts.outcomes_count * ladder.growth
        * sqrt(ladder.process_sum / nullif(cohorts.outcomes_count, 0) + ladder.parameter_sum) as ultimate_std_error,
        ladder.coming_share,
        ladder.spread,
        greatest(ladder.coming_share_variance, 0) as coming_share_variance,
        ladder.crimes_without_outcome_count as older_count,
        -- half an outcome more on either side, so that nothing seen does not mean nothing possible
        (greatest(ladder.crimes_without_outcome_count * ladder.coming_share, 0) + 0.5)
        / (ladder.crimes_without_outcome_count + 1) as share
    from cohorts
    left join {{ ref('outcome_ladder') }} as ladder
        on
            cohorts.measure = ladder.measure
            and cohorts.outcome_set = ladder.outcome_set
            and cohorts.area_type = ladder.area_type
            and cohorts.area_code = ladder.area_code
            and cohorts.age_days = ladder.age_days
),

-- the rarer side, coming or not coming, is skewed like a gamma distribution of this mean and variance
spread_out as (
    select
        *,
        coalesce(age_days >= top_age_days, true) or (without_outcome_count <= 0 and older_count > 0) as is_through,
        without_outcome_count <= 0 as is_settled,
        share > 0.5 as is_mostly_coming,
        without_outcome_count * least(share, 1 - share) as rarer_mean,
        spread * (
            without_outcome_count * share * (1 - share)
            + power(without_outcome_count, 2)
            * greatest(coming_share_variance, share * (1 - share) / (older_count + 2))
        ) as rarer_variance
    from climbed
),

shaped as (
    select
        *,
        rarer_variance / nullif(power(rarer_mean, 2), 0) as shape
    from spread_out
),

-- Wilson and Hilferty's cube: the quantile of a gamma distribution in closed form
quantiles as (
    select
        {% for name, z in [
            ('lower_80', -z_80), ('upper_80', z_80), ('lower_95', '-' ~ z_95()), ('upper_95', z_95())
        ] %}
        least(
            greatest(ceil(rarer_mean * power(greatest(0, 1 - shape / 9 + {{ z }} * sqrt(shape / 9)), 3) - 0.5), 0),
            without_outcome_count
        ) as rarer_{{ name }},
        {% endfor %}
        *
    from shaped
),

ends as (
    select
        {% for name, mirrored, whole, z in [
            ('lower_80', 'upper_80', 'floor', -z_80), ('upper_80', 'lower_80', 'ceil', z_80),
            ('lower_95', 'upper_95', 'floor', '-' ~ z_95()), ('upper_95', 'lower_95', 'ceil', z_95())
        ] %}
        case
            when is_through or (is_settled and ultimate_std_error is null) then outcomes_count
            when is_settled
                then least(greatest({{ whole }}(ultimate + {{ z }} * ultimate_std_error), 0), crimes_count)
            when is_mostly_coming then outcomes_count + without_outcome_count - rarer_{{ mirrored }}
            else outcomes_count + rarer_{{ name }}
        end as {{ name }},
        {% endfor %}
        case
            when is_through or (is_settled and ultimate_std_error is null) then outcomes_count
            when is_settled then least(ultimate, crimes_count)
            else outcomes_count + without_outcome_count * coming_share
        end as projected,
        *
    from quantiles
),

final as (
    select
        ends.measure,
        ends.outcome_set,
        ends.area_type,
        ends.area_code,
        ends.cohort_start_date,
        ends.cohort_end_date,
        ends.crimes_count,
        ends.age_days,
        ends.outcomes_count,
        ends.without_outcome_count,
        round(ends.growth, 10) as growth,
        round(ends.completeness, 10) as completeness,
        round(ends.ultimate, 10) as expected_ultimate,
        round(ends.ultimate_std_error, 10) as expected_ultimate_std_error,
        round(ends.projected, 10) as projected_count,
        {% for name in ['projected', 'lower_80', 'upper_80', 'lower_95', 'upper_95'] %}
        round(100 * cast(ends.{{ name }} as double) / nullif(ends.crimes_count, 0), 10) as {{ name }}_pct,
        {% endfor %}
        -- final when outcomes of any kind, and those of this set where there ever were any, have come
        coalesce(
            ends.top_age_days >= rules.needed_age_days
            and whole.completeness >= rules.final_share
            and (ends.outcomes_ever_count = 0 or ends.completeness >= rules.final_share),
            false
        ) as is_final
    from ends
    cross join rules
    inner join climbed as whole
        on
            whole.outcome_set = 'any_outcome'
            and ends.measure = whole.measure
            and ends.area_type = whole.area_type
            and ends.area_code = whole.area_code
            and ends.cohort_start_date = whole.cohort_start_date
)

select * from final
