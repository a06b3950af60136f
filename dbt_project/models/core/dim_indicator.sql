with register as (
    select * from {{ ref('indicators') }}
),

repeats as (
    select distinct indicator_id from {{ ref('repeat_rules') }}
),

final as (
    -- Counts and hours of different periods add up, but not counts of distinct persons: one may be in both.
    select
        register.indicator_id,
        register.title,
        register.theme,
        register.priority,
        register.plan_area,
        register.plan_2016_priority,
        register.unit,
        register.better,
        register.date_basis,
        register.numerator,
        register.denominator,
        register.area_types,
        register.owner_partner,
        register.source_feeds,
        register.cadence,
        register.first_period_start,
        register.sensitivity,
        register.breakdown_type,
        register.no_caveat_reason,
        register.definition,
        register.valid_from,
        register.valid_to,
        register.source,
        register.unit in ('count', 'hours') and repeats.indicator_id is null as is_additive
    from register
    left join repeats on register.indicator_id = repeats.indicator_id
)

select * from final
