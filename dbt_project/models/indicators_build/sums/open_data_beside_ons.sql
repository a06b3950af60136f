-- Recorded crime by ONS (table C2: partnerships, table P1: forces) beside the open data's rows of the same twelve
-- months, by the groups that `police_uk_crime_types` sets side by side, and in total. No open-data figure where a month
-- is missing.
with crime_types as (
    select
        crime_type,
        ons_offence_group
    from {{ ref('police_uk_crime_types') }}
    where is_crime and valid_to is null
),

recorded as (
    select recorded.*
    from {{ ref('fct_ons_recorded_crime') }} as recorded
    inner join {{ ref('areas_of_interest') }} as areas
        on recorded.area_type = areas.area_type and recorded.area_code = areas.area_code
),

grouped as (
    select
        crime_types.ons_offence_group as offence_group,
        recorded.area_type,
        recorded.area_code,
        recorded.period_start,
        recorded.period_end,
        sum(recorded.recorded_count) as ons_count
    from crime_types
    inner join recorded
        on concat(';', crime_types.ons_offence_group, ';') like concat('%;', recorded.offence_group, ';%')
    group by all
    union all
    select
        offence_group,
        area_type,
        area_code,
        period_start,
        period_end,
        recorded_count as ons_count
    from recorded
    where offence_group = 'total'
),

placed as (
    select * from {{ ref('street_group_month') }}
),

covered as (
    select
        area_type,
        area_code,
        month_date
    from {{ ref('feed_coverage') }}
    where feed = 'police_uk_street'
),

counted as (
    select
        grouped.offence_group,
        grouped.area_type,
        grouped.area_code,
        grouped.period_start,
        grouped.period_end,
        count(covered.month_date) as months_count,
        sum(placed.crimes) as crimes
    from grouped
    inner join covered
        on
            grouped.area_type = covered.area_type
            and grouped.area_code = covered.area_code
            and covered.month_date between grouped.period_start and grouped.period_end
    left join placed
        on
            covered.area_type = placed.area_type
            and covered.area_code = placed.area_code
            and covered.month_date = placed.month
            and grouped.offence_group = placed.offence_group
    group by all
),

final as (
    select
        case when grouped.area_type = 'csp' then 'C2' else 'P1' end as ons_table,
        grouped.offence_group,
        grouped.area_type,
        grouped.area_code,
        grouped.period_start,
        grouped.period_end,
        cast(grouped.ons_count as bigint) as ons_count,
        cast(case when counted.months_count = 12 then coalesce(counted.crimes, 0) end as bigint) as open_data_count
    from grouped
    left join counted
        on
            grouped.offence_group = counted.offence_group
            and grouped.area_type = counted.area_type
            and grouped.area_code = counted.area_code
            and grouped.period_start = counted.period_start
)

select * from final
