-- Sentences with numbers that reports hold, beside what our figures give: a claim holds where the figure, rounded as
-- the claim is, equals it. Null where we have no figure to judge it by.
with figures as (
    select * from {{ ref('indicator_values') }}
    where area_type in ('csp', 'force')
),

judged as (
    select
        claims.*,
        earlier.value as from_value,
        later.value as to_value,
        case
            when claims.claimed_kind = 'change_pct'
                then round(100 * (later.value - earlier.value) / nullif(earlier.value, 0))
            else round(later.value, case when later.unit = 'percent' then 1 else 0 end)
        end as true_value
    from {{ ref('claims') }} as claims
    left join figures as earlier
        on
            claims.indicator_id = earlier.indicator_id
            and claims.area_type = earlier.area_type
            and claims.area_code = earlier.area_code
            and claims.period_type = earlier.period_type
            and claims.from_period_start = earlier.period_start
    left join figures as later
        on
            claims.indicator_id = later.indicator_id
            and claims.area_type = later.area_type
            and claims.area_code = later.area_code
            and claims.period_type = later.period_type
            and claims.to_period_start = later.period_start
),

final as (
    select
        claim_id,
        report,
        sentence,
        indicator_id,
        area_type,
        area_code,
        period_type,
        from_period_start,
        to_period_start,
        claimed_kind,
        cast(claimed_value as double) as claimed_value,
        from_value,
        to_value,
        true_value,
        true_value = cast(claimed_value as double) as holds
    from judged
)

select * from final
