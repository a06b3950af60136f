-- The 95% interval of each figure, down to wards. Sums of hours and of attendances are no counts of events that chance
-- throws, and have none (seed `interval_exceptions`).
with figures as (
    select figures.*
    from {{ ref('indicator_values') }} as figures
    left join {{ ref('interval_exceptions') }} as exceptions on figures.indicator_id = exceptions.indicator_id
    where
        figures.area_type in ('ward', 'csp', 'force')
        and figures.value is not null
        and figures.unit <> 'hours'
        and exceptions.indicator_id is null
),

bounded as (
    select
        *,
        case when unit = 'percent' then 'wilson' else 'byar' end as method,
        case
            when unit = 'percent' then 100 * greatest(0, {{ wilson_bound('numerator', 'denominator', '-') }})
            else {{ byar_lower('numerator') }} * value / nullif(numerator, 0)
        end as lower_bound,
        case
            when unit = 'percent' then 100 * least(1, {{ wilson_bound('numerator', 'denominator', '+') }})
            when unit = 'rate_per_1000' then 1000 * {{ byar_upper('numerator') }} / denominator
            when unit = 'rate_per_10000' then 10000 * {{ byar_upper('numerator') }} / denominator
            else {{ byar_upper('numerator') }}
        end as upper_95
    from figures
),

final as (
    select
        indicator_id,
        period_type,
        period_start,
        period_end,
        area_type,
        area_code,
        numerator,
        denominator,
        value,
        unit,
        coalesce(lower_bound, 0) as lower_95,
        upper_95,
        method,
        maturity
    from bounded
)

select * from final
