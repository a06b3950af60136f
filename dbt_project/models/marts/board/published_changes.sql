-- The percentage changes that reports printed, beside those that follow from our figures: rounded to whole percent,
-- halves away from zero; from a base of 0 there is none.
with published as (
    select * from {{ ref('published_figures') }}
    where period_type = 'year'
),

figures as (
    select * from {{ ref('indicator_values') }}
    where period_type = 'year' and area_type in ('csp', 'force')
),

paired as (
    select
        published.report,
        published.indicator_id,
        published.area_type,
        published.area_code,
        published.period_start,
        published.published_change_pct,
        earlier.value as earlier_value,
        later.value,
        round(100 * (later.value - earlier.value) / nullif(earlier.value, 0)) as our_change_pct
    from published
    inner join published as published_earlier
        on
            published.report = published_earlier.report
            and published.indicator_id = published_earlier.indicator_id
            and published_earlier.period_start = {{ add_months('published.period_start', -12) }}
    left join figures as later
        on
            published.indicator_id = later.indicator_id
            and published.area_type = later.area_type
            and published.area_code = later.area_code
            and published.period_start = later.period_start
    left join figures as earlier
        on
            published.indicator_id = earlier.indicator_id
            and published.area_type = earlier.area_type
            and published.area_code = earlier.area_code
            and published_earlier.period_start = earlier.period_start
),

final as (
    select
        report,
        indicator_id,
        area_type,
        area_code,
        period_start,
        earlier_value,
        value,
        cast(published_change_pct as integer) as published_change_pct,
        cast(our_change_pct as integer) as our_change_pct,
        case
            when value is not null and earlier_value is not null
                then
                    coalesce(
                        our_change_pct = published_change_pct,
                        our_change_pct is null and published_change_pct is null
                    )
        end as holds
    from paired
)

select * from final
