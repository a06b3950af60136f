-- From each age to the top of the ladder, climbed downwards one step at a time: how outcomes still grow (chain ladder,
-- with the two sums that Mack's standard error is made of), and what share of the crimes without outcome will still
-- have one.
with recursive steps as (
    select * from {{ ref('outcome_steps') }}
),

tops as (
    select
        measure,
        outcome_set,
        area_type,
        area_code,
        max(next_age_days) as top_age_days,
        max(next_outcomes_count) as outcomes_ever_count
    from steps
    group by measure, outcome_set, area_type, area_code
),

climbed as (
    select
        measure,
        outcome_set,
        area_type,
        area_code,
        top_age_days as age_days,
        top_age_days,
        outcomes_ever_count,
        cast(0 as bigint) as crimes_without_outcome_count,
        cast(1 as double) as growth,
        cast(0 as double) as process_sum,
        cast(0 as double) as parameter_sum,
        cast(0 as double) as coming_share,
        cast(0 as double) as coming_share_variance
    from tops
    union all
    select
        steps.measure,
        steps.outcome_set,
        steps.area_type,
        steps.area_code,
        steps.age_days,
        climbed.top_age_days,
        climbed.outcomes_ever_count,
        steps.without_outcome_count as crimes_without_outcome_count,
        steps.factor * climbed.growth as growth,
        steps.variance / nullif(power(steps.factor, 2), 0) + climbed.process_sum / nullif(steps.factor, 0)
            as process_sum,
        steps.variance / nullif(power(steps.factor, 2) * steps.outcomes_count, 0) + climbed.parameter_sum
            as parameter_sum,
        coalesce(steps.arrival_share + steps.staying_share * climbed.coming_share, 0) as coming_share,
        coalesce(
            greatest(
                steps.arrival_share + steps.staying_share * power(climbed.coming_share, 2)
                - power(steps.arrival_share + steps.staying_share * climbed.coming_share, 2),
                0
            ) / steps.without_outcome_count
            + power(steps.staying_share, 2) * climbed.coming_share_variance,
            0
        ) as coming_share_variance
    from steps
    inner join climbed
        on
            steps.measure = climbed.measure
            and steps.outcome_set = climbed.outcome_set
            and steps.area_type = climbed.area_type
            and steps.area_code = climbed.area_code
            and steps.next_age_days = climbed.age_days
),

rules as (
    select
        max(case when rule = 'needed_age_days' then value end) as needed_age_days,
        max(case when rule = 'spread_min_cohorts' then value end) as min_cohorts
    from {{ ref('ladder_rules') }}
    where valid_to is null
),

-- how the cohorts that are through did, against what the ladder would have said of them at each age
grown as (
    select
        measure,
        outcome_set,
        area_type,
        area_code,
        cohort_start_date,
        max(age_days) as last_age_days,
        max_by(outcomes_count, age_days) as last_outcomes_count
    from {{ ref('outcome_development') }}
    where is_ladder_age and is_observed
    group by measure, outcome_set, area_type, area_code, cohort_start_date
),

misses as (
    select
        cells.measure,
        cells.outcome_set,
        cells.area_type,
        cells.area_code,
        cells.age_days,
        count(*) as cohorts_count,
        cast(sum(cast(
            power(
                grown.last_outcomes_count - cells.outcomes_count - cells.without_outcome_count * climbed.coming_share, 2
            ) as decimal(38, 12)
        )) as double) as squares,
        cast(sum(cells.without_outcome_count) as double)
        * max(climbed.coming_share * (1 - climbed.coming_share)) as expected_squares
    from {{ ref('outcome_development') }} as cells
    cross join rules
    inner join grown
        on
            cells.measure = grown.measure
            and cells.outcome_set = grown.outcome_set
            and cells.area_type = grown.area_type
            and cells.area_code = grown.area_code
            and cells.cohort_start_date = grown.cohort_start_date
            and cells.age_days < grown.last_age_days
    inner join climbed
        on
            cells.measure = climbed.measure
            and cells.outcome_set = climbed.outcome_set
            and cells.area_type = climbed.area_type
            and cells.area_code = climbed.area_code
            and cells.age_days = climbed.age_days
    where cells.is_ladder_age and cells.crimes_count > 0 and grown.last_age_days >= rules.needed_age_days
    group by cells.measure, cells.outcome_set, cells.area_type, cells.area_code, cells.age_days
),

final as (
    select
        climbed.measure,
        climbed.outcome_set,
        climbed.area_type,
        climbed.area_code,
        climbed.age_days,
        climbed.top_age_days,
        climbed.outcomes_ever_count,
        climbed.crimes_without_outcome_count,
        climbed.growth,
        climbed.process_sum,
        climbed.parameter_sum,
        climbed.coming_share,
        climbed.coming_share_variance,
        case
            when misses.cohorts_count >= rules.min_cohorts and misses.expected_squares > 0
                then
                    -- three cohorts fewer: one for the share they gave, two because few measure a variance badly
                    greatest(
                        1,
                        misses.squares / misses.expected_squares
                        * misses.cohorts_count / (misses.cohorts_count - 3)
                    )
            else 1
        end as spread
    from climbed
    cross join rules
    left join misses
        on
            climbed.measure = misses.measure
            and climbed.outcome_set = misses.outcome_set
            and climbed.area_type = misses.area_type
            and climbed.area_code = misses.area_code
            and climbed.age_days = misses.age_days
)

select * from final
