-- Every figure that is spoken for, with its maturity: by the ladder for the indicators that it judges, else by age.
with coverage as (
    select * from {{ ref('indicator_coverage') }}
),

by_age as (
    select * from {{ ref('indicator_maturity') }}
),

by_ladder as (
    select * from {{ ref('outcome_maturity') }}
),

judged as (
    select distinct indicator_id
    from {{ ref('ladder_indicators') }}
    where valid_to is null
),

final as (
    select
        coverage.indicator_id,
        coverage.period_type,
        coverage.period_start,
        coverage.period_end,
        coverage.area_type,
        coverage.area_code,
        -- an indicator that the ladder judges is maturing until the ladder says otherwise
        case
            when judged.indicator_id is null then by_age.maturity
            else coalesce(by_ladder.maturity, 'maturing')
        end as maturity,
        by_ladder.completeness
    from coverage
    inner join by_age
        on
            coverage.indicator_id = by_age.indicator_id
            and coverage.period_type = by_age.period_type
            and coverage.period_start = by_age.period_start
    left join judged on coverage.indicator_id = judged.indicator_id
    left join by_ladder
        on
            coverage.indicator_id = by_ladder.indicator_id
            and coverage.period_type = by_ladder.period_type
            and coverage.period_start = by_ladder.period_start
            and coverage.area_type = by_ladder.area_type
            and coverage.area_code = by_ladder.area_code
)

select * from final
