-- Figures that somebody else published beside ours: the partnership's reports, to the printed digit, and ONS recorded
-- crime beside the open data, within the tolerance of `reconciliation_tolerances`. `holds` is null where we have no
-- figure to compare.
with published as (
    select * from {{ ref('published_figures') }}
),

figures as (
    select * from {{ ref('indicator_values') }}
    where period_type in ('quarter', 'year') and area_type in ('csp', 'force')
),

reports as (
    select
        'report' as kind,
        published.report as reference,
        published.indicator_id,
        cast(null as varchar) as offence_group,
        published.area_type,
        published.area_code,
        published.period_type,
        published.period_start,
        published.period_end,
        cast(published.value as double) as published_value,
        round(figures.value, case when published.unit = 'percent' then 1 else 0 end) as our_value,
        cast(0 as double) as tolerance_pct,
        case
            when figures.value is null then 'No delivery covers the period in this release.'
            else 'The same definition, counted from the records.'
        end as reason
    from published
    left join figures
        on
            published.indicator_id = figures.indicator_id
            and published.area_type = figures.area_type
            and published.area_code = figures.area_code
            and published.period_type = figures.period_type
            and published.period_start = figures.period_start
),

open_data as (
    select * from {{ ref('open_data_beside_ons') }}
),

ons as (
    select
        'ons' as kind,
        concat('ONS table ', open_data.ons_table) as reference,
        cast(null as varchar) as indicator_id,
        open_data.offence_group,
        open_data.area_type,
        open_data.area_code,
        'rolling_12m' as period_type,
        open_data.period_start,
        open_data.period_end,
        cast(open_data.ons_count as double) as published_value,
        cast(open_data.open_data_count as double) as our_value,
        tolerances.tolerance_pct,
        case
            when open_data.open_data_count is null then 'No open data cover all months of the period.'
            else tolerances.reason
        end as reason
    from open_data
    inner join {{ ref('reconciliation_tolerances') }} as tolerances
        on
            open_data.ons_table = tolerances.ons_table
            and open_data.offence_group = tolerances.offence_group
            and open_data.period_start >= tolerances.valid_from
            and (tolerances.valid_to is null or open_data.period_start <= tolerances.valid_to)
),

beside as (
    select * from reports
    union all
    select * from ons
),

final as (
    select
        *,
        our_value - published_value as difference,
        abs(our_value - published_value) <= published_value * tolerance_pct / 100 as holds
    from beside
)

select * from final
