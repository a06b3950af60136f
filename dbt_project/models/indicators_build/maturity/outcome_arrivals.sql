{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget_touched_months('int_crime_touched_months', 'recorded_month_date') }}"
) }}

-- At which age crimes enter a set of outcomes, and leave it again when a later outcome replaces or withdraws the one
-- they had.
with crimes as (
    select * from {{ ref('fct_crime') }}
    {{ only_touched_months('recorded_month_date', ref('int_crime_touched_months')) }}
),

sets as (
    select
        set_id as outcome_set,
        outcome_type,
        valid_from,
        valid_to
    from {{ ref('positive_outcome_sets') }}
    union all
    select
        'any_outcome' as outcome_set,
        outcome_type,
        valid_from,
        valid_to
    from {{ ref('outcome_types') }}
    where is_outcome
),

-- each day of life belongs to the first age at which it counts
days as (
    select
        days.n as day_no,
        min(ages.age_days) as age_days
    from ({{ integers_to(1000) }}) as days
    inner join {{ ref('maturity_ages') }} as ages on days.n <= ages.age_days and ages.valid_to is null
    group by days.n
),

-- of several outcomes on one day the higher type stands, as in fct_crime
standing as (
    select
        crimes.crime_ref,
        crimes.recorded_date,
        outcomes.outcome_date,
        max_by(outcomes.outcome_type, cast(outcomes.outcome_type as integer)) as outcome_type
    from {{ ref('fct_crime_outcome') }} as outcomes
    inner join crimes on outcomes.crime_ref = crimes.crime_ref
    group by crimes.crime_ref, crimes.recorded_date, outcomes.outcome_date
),

spans as (
    select
        *,
        lead(outcome_date) over (partition by crime_ref order by outcome_date) as replaced_date
    from standing
),

held as (
    select
        spans.crime_ref,
        sets.outcome_set,
        greatest({{ days_between('spans.recorded_date', 'spans.outcome_date') }}, 0) as entered_day_no,
        case
            when spans.replaced_date is not null
                then greatest({{ days_between('spans.recorded_date', 'spans.replaced_date') }}, 0)
        end as left_day_no
    from spans
    inner join sets
        on
            spans.outcome_type = sets.outcome_type
            and spans.outcome_date >= sets.valid_from
            and (sets.valid_to is null or spans.outcome_date <= sets.valid_to)
),

moves as (
    select
        crime_ref,
        outcome_set,
        entered_day_no as day_no,
        1 as step
    from held
    union all
    select
        crime_ref,
        outcome_set,
        left_day_no as day_no,
        -1 as step
    from held
    where left_day_no is not null
),

aged as (
    select
        moves.outcome_set,
        days.age_days,
        moves.step,
        crimes.recorded_month_date,
        crimes.force_code,
        crimes.csp_code,
        crimes.is_hate_crime,
        crimes.is_cse,
        crimes.is_cce
    from moves
    inner join days on moves.day_no = days.day_no
    inner join crimes on moves.crime_ref = crimes.crime_ref
),

final as (
    select
        measure,
        outcome_set,
        recorded_month_date,
        force_code,
        csp_code,
        age_days,
        cast(sum(step) as bigint) as net_count
    from ({{ by_measure('aged') }}) as measured
    group by measure, outcome_set, recorded_month_date, force_code, csp_code, age_days
    having sum(step) <> 0
)

select * from final
