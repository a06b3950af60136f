-- Each step of the ladder: what the older cohorts did between one age and the next, the cohorts seen at both together.
{%- set triangle = 'measure, outcome_set, area_type, area_code' %}

with cells as (
    select
        *,
        lead(age_days) over (partition by {{ triangle }}, cohort_start_date order by age_days) as next_age_days,
        lead(outcomes_count) over (partition by {{ triangle }}, cohort_start_date order by age_days)
            as next_outcomes_count,
        lead(without_outcome_count) over (partition by {{ triangle }}, cohort_start_date order by age_days)
            as next_without_count
    from {{ ref('outcome_development') }}
    where is_ladder_age and is_observed
),

-- the latest cohorts only, so that the ladder follows a practice that changes
pairs as (
    select cells.*
    from cells
    inner join {{ ref('ladder_rules') }} as rules on rules.rule = 'recent_cohorts' and rules.valid_to is null
    where cells.next_age_days is not null and cells.crimes_count > 0
    qualify
        row_number() over (partition by {{ triangle }}, cells.age_days order by cells.cohort_start_date desc)
        <= rules.value
),

sums as (
    select
        {{ triangle }},
        age_days,
        next_age_days,
        count(*) as cohorts_count,
        count(*) filter (where outcomes_count > 0) as cohorts_with_outcomes_count,
        cast(sum(outcomes_count) as bigint) as outcomes_count,
        cast(sum(next_outcomes_count) as bigint) as next_outcomes_count,
        cast(sum(without_outcome_count) as bigint) as without_outcome_count,
        cast(sum(next_without_count) as bigint) as next_without_count
    from pairs
    group by {{ triangle }}, age_days, next_age_days
),

factors as (
    select
        *,
        cast(next_outcomes_count as double) / nullif(outcomes_count, 0) as factor,
        cast(next_outcomes_count - outcomes_count as double) / nullif(without_outcome_count, 0) as arrival_share,
        cast(next_without_count as double) / nullif(without_outcome_count, 0) as staying_share
    from sums
),

-- Mack's variance by outcome. Decimals, because their sum is the same in whatever order it is made.
residuals as (
    select
        factors.measure,
        factors.outcome_set,
        factors.area_type,
        factors.area_code,
        factors.age_days,
        cast(sum(cast(
            power(pairs.next_outcomes_count - factors.factor * pairs.outcomes_count, 2) / pairs.outcomes_count
            as decimal(38, 18)
        )) as double) as squares
    from factors
    inner join pairs
        on
            factors.measure = pairs.measure
            and factors.outcome_set = pairs.outcome_set
            and factors.area_type = pairs.area_type
            and factors.area_code = pairs.area_code
            and factors.age_days = pairs.age_days
    where pairs.outcomes_count > 0
    group by factors.measure, factors.outcome_set, factors.area_type, factors.area_code, factors.age_days
),

measured as (
    select
        factors.*,
        residuals.squares / nullif(factors.cohorts_with_outcomes_count - 1, 0) as variance
    from factors
    left join residuals
        on
            factors.measure = residuals.measure
            and factors.outcome_set = residuals.outcome_set
            and factors.area_type = residuals.area_type
            and factors.area_code = residuals.area_code
            and factors.age_days = residuals.age_days
),

-- the last two variances that more than one cohort gives, for the steps above them that only the oldest has climbed
tails as (
    select
        {{ triangle }},
        max(age_days) as last_age_days,
        max_by(variance, age_days) as last_variance,
        max_by(earlier_variance, age_days) as earlier_variance
    from (
        select
            *,
            lag(variance) over (partition by {{ triangle }} order by age_days) as earlier_variance
        from measured
        where variance is not null
    ) as estimated
    group by {{ triangle }}
),

final as (
    select
        measured.measure,
        measured.outcome_set,
        measured.area_type,
        measured.area_code,
        measured.age_days,
        measured.next_age_days,
        measured.cohorts_count,
        measured.outcomes_count,
        measured.next_outcomes_count,
        measured.without_outcome_count,
        measured.next_without_count,
        measured.factor,
        case
            when measured.variance is not null then measured.variance
            when measured.age_days < tails.last_age_days then null
            when tails.last_variance = 0 or tails.earlier_variance = 0 then 0
            -- Mack's rule, min(last^2 / earlier, earlier, last), used again for each further step
            when tails.last_variance <= tails.earlier_variance
                then
                    tails.last_variance * power(
                        tails.last_variance / tails.earlier_variance,
                        cast(measured.age_days - tails.last_age_days as double)
                        / (measured.next_age_days - measured.age_days)
                    )
            else
                tails.earlier_variance * power(
                    tails.earlier_variance / tails.last_variance,
                    cast(measured.age_days - tails.last_age_days as double)
                    / (measured.next_age_days - measured.age_days) - 1
                )
        end as variance,
        measured.arrival_share,
        measured.staying_share
    from measured
    left join tails
        on
            measured.measure = tails.measure
            and measured.outcome_set = tails.outcome_set
            and measured.area_type = tails.area_type
            and measured.area_code = tails.area_code
)

select * from final
