-- How the outcomes of each quarter's crimes gather with age. A cell is observed only when the whole cohort has reached
-- the age: its last day plus the age lies within the time that both feeds of the police speak for. The rest is null.
with spoken_for as (
    -- a monthly extract speaks for the months that had ended; the days since then are not all in it
    select {{ add_days(month_start('cast(min(extracted_at) as date)'), -1) }} as last_day
    from (
        select
            feed,
            max(extracted_at) as extracted_at
        from {{ ref('int_visible_delivery') }}
        where feed in ('syp_crimes', 'syp_crime_outcomes')
        group by feed
    ) as feeds
    having count(*) = 2
),

ages as (
    select * from {{ ref('maturity_ages') }}
    where valid_to is null
),

interest as (
    select
        area_type,
        area_code
    from {{ ref('areas_of_interest') }}
    where area_type in ('csp', 'force')
),

sets as (
    select distinct set_id as outcome_set from {{ ref('positive_outcome_sets') }}
    union all
    select 'any_outcome' as outcome_set
),

recorded as (
    {% for area_type in ['csp', 'force'] -%}
    select
        measure,
        '{{ area_type }}' as area_type,
        {{ area_type }}_code as area_code,
        cast(date_trunc('quarter', recorded_month_date) as date) as cohort_start_date,
        sum(crimes_count) as crimes_count
    from {{ ref('outcome_cohorts') }}
    group by all
    {% if not loop.last -%}
    union all
    {% endif -%}
    {%- endfor %}
),

gathered as (
    {% for area_type in ['csp', 'force'] -%}
    select
        measure,
        outcome_set,
        '{{ area_type }}' as area_type,
        {{ area_type }}_code as area_code,
        cast(date_trunc('quarter', recorded_month_date) as date) as cohort_start_date,
        age_days,
        sum(net_count) as net_count
    from {{ ref('outcome_arrivals') }}
    group by all
    {% if not loop.last -%}
    union all
    {% endif -%}
    {%- endfor %}
),

quarters as (
    select distinct cast(date_trunc('quarter', month_start_date) as date) as cohort_start_date
    from {{ ref('dim_date') }}
),

firsts as (
    select
        recorded.measure,
        recorded.area_type,
        recorded.area_code,
        min(recorded.cohort_start_date) as first_start_date
    from recorded
    inner join interest on recorded.area_type = interest.area_type and recorded.area_code = interest.area_code
    group by recorded.measure, recorded.area_type, recorded.area_code
),

-- a quarter of which no month was delivered by both feeds is no cohort: it has no outcomes to tell, and tells nothing
delivered as (
    select
        area_type,
        area_code,
        cast(date_trunc('quarter', month_date) as date) as cohort_start_date
    from {{ ref('feed_coverage') }}
    where feed in ('syp_crimes', 'syp_crime_outcomes')
    group by area_type, area_code, cast(date_trunc('quarter', month_date) as date)
    having count(distinct feed) = 2
),

-- every delivered quarter from the first crime on, also one in which nothing was recorded
cohorts as (
    select
        firsts.measure,
        firsts.area_type,
        firsts.area_code,
        quarters.cohort_start_date,
        {{ add_days(add_months('quarters.cohort_start_date', 3), -1) }} as cohort_end_date,
        spoken_for.last_day,
        coalesce(recorded.crimes_count, 0) as crimes_count
    from firsts
    cross join spoken_for
    inner join quarters
        on
            quarters.cohort_start_date >= firsts.first_start_date
            and quarters.cohort_start_date <= spoken_for.last_day
    inner join delivered
        on
            firsts.area_type = delivered.area_type
            and firsts.area_code = delivered.area_code
            and quarters.cohort_start_date = delivered.cohort_start_date
    left join recorded
        on
            firsts.measure = recorded.measure
            and firsts.area_type = recorded.area_type
            and firsts.area_code = recorded.area_code
            and quarters.cohort_start_date = recorded.cohort_start_date
),

cells as (
    select
        cohorts.*,
        sets.outcome_set,
        ages.age_days,
        ages.is_ladder_age,
        ages.is_compared_age,
        {{ add_days('cohorts.cohort_end_date', 'ages.age_days') }} as reached_date,
        sum(coalesce(gathered.net_count, 0)) over (
            partition by
                cohorts.measure, sets.outcome_set, cohorts.area_type, cohorts.area_code, cohorts.cohort_start_date
            order by ages.age_days
        ) as outcomes_count
    from cohorts
    cross join sets
    cross join ages
    left join gathered
        on
            cohorts.measure = gathered.measure
            and sets.outcome_set = gathered.outcome_set
            and cohorts.area_type = gathered.area_type
            and cohorts.area_code = gathered.area_code
            and cohorts.cohort_start_date = gathered.cohort_start_date
            and ages.age_days = gathered.age_days
),

beside_any as (
    select
        *,
        sum(case when outcome_set = 'any_outcome' then outcomes_count end) over (
            partition by measure, area_type, area_code, cohort_start_date, age_days
        ) as any_outcomes_count
    from cells
),

final as (
    select
        measure,
        outcome_set,
        area_type,
        area_code,
        cohort_start_date,
        cohort_end_date,
        age_days,
        is_ladder_age,
        is_compared_age,
        reached_date,
        reached_date <= last_day as is_observed,
        cast(crimes_count as bigint) as crimes_count,
        case when reached_date <= last_day then cast(outcomes_count as bigint) end as outcomes_count,
        case
            when reached_date <= last_day
                then cast(crimes_count as bigint) - cast(any_outcomes_count as bigint)
        end as without_outcome_count
    from beside_any
)

select * from final
