-- A rule that looks back twelve months from a period's end and one that counts within the rolling twelve months see the
-- same days: where they count the same events of the same persons, they count the same persons.
with rules as (
    select distinct
        rule_id,
        event_set,
        person,
        window_type,
        window_months
    from {{ ref('repeat_rules') }}
),

counted as (
    select
        repeats.*,
        rules.event_set,
        rules.person,
        rules.window_type,
        rules.window_months
    from {{ ref('repeat_count') }} as repeats
    inner join rules on repeats.rule_id = rules.rule_id
    where repeats.period_type = 'rolling_12m'
)

select
    looking_back.rule_id,
    looking_back.period_end,
    looking_back.area_code
from counted as looking_back
inner join counted as within_period
    on
        looking_back.event_set = within_period.event_set
        and looking_back.person = within_period.person
        and looking_back.min_events_count = within_period.min_events_count
        and looking_back.period_end = within_period.period_end
        and looking_back.area_type = within_period.area_type
        and looking_back.area_code = within_period.area_code
where
    looking_back.window_type = 'rolling_months'
    and looking_back.window_months = 12
    and within_period.window_type = 'within_period'
    and looking_back.persons_count <> within_period.persons_count
