-- XmR chart of each monthly series with at least twelve final points in a row: mean and limits from the final points,
-- and four rules that say a point is more than routine variation. A maturing point is drawn and never judged.
-- Constants: W. A. Shewhart's 3 and 2 sigma, where sigma is the mean moving range / 1.128, so that 3 sigma is 2.66
-- ranges.
with points as (
    select
        indicator_id,
        area_type,
        area_code,
        period_start as month_date,
        value,
        maturity,
        year(period_start) * 12 + month(period_start) as month_no
    from {{ ref('indicator_values') }}
    where period_type = 'month' and area_type in ('csp', 'force') and value is not null
),

numbered as (
    select
        *,
        month_no - row_number() over (partition by indicator_id, area_type, area_code order by month_no) as series_no
    from points
),

moved as (
    select
        *,
        value - lag(value) over (
            partition by indicator_id, area_type, area_code, series_no order by month_no
        ) as movement
    from numbered
),

limits as (
    select
        indicator_id,
        area_type,
        area_code,
        series_no,
        -- decimals, because their sum is the same in whatever order it is made
        cast(sum(cast(value as decimal(38, 10))) as double) / count(*) as mean,
        cast(sum(cast(abs(movement) as decimal(38, 10))) as double) / count(movement) as mean_moving_range
    from moved
    where maturity = 'final'
    group by indicator_id, area_type, area_code, series_no
    having count(*) >= 12
),

placed as (
    select
        moved.*,
        limits.mean,
        limits.mean_moving_range,
        greatest(0, limits.mean - 2.66 * limits.mean_moving_range) as lower_limit,
        limits.mean + 2.66 * limits.mean_moving_range as upper_limit,
        sign(moved.value - limits.mean) as side,
        sign(moved.movement) as direction,
        case
            when moved.value > limits.mean + 2 * limits.mean_moving_range / 1.128 then 1
            when moved.value < limits.mean - 2 * limits.mean_moving_range / 1.128 then -1
            else 0
        end as outer_side
    from moved
    inner join limits
        on
            moved.indicator_id = limits.indicator_id
            and moved.area_type = limits.area_type
            and moved.area_code = limits.area_code
            and moved.series_no = limits.series_no
),

judged as (
    select
        *,
        value > upper_limit or value < lower_limit as is_outside,
        abs(sum(side) over (series rows between 7 preceding and current row)) = 8 as is_eight,
        abs(sum(direction) over (series rows between 4 preceding and current row)) = 5 as is_six,
        sum(case when outer_side = 1 then 1 else 0 end) over (series rows between 2 preceding and current row) >= 2
        and outer_side = 1 as is_two_above,
        sum(case when outer_side = -1 then 1 else 0 end) over (series rows between 2 preceding and current row) >= 2
        and outer_side = -1 as is_two_below
    from placed
    window series as (partition by indicator_id, area_type, area_code, series_no order by month_no)
),

final as (
    select
        indicator_id,
        area_type,
        area_code,
        month_date,
        value,
        mean,
        lower_limit,
        upper_limit,
        mean_moving_range,
        maturity = 'final' and is_outside as is_beyond_limits,
        maturity = 'final' and is_eight as is_eight_on_one_side,
        maturity = 'final' and coalesce(is_six, false) as is_six_rising_or_falling,
        maturity = 'final' and (is_two_above or is_two_below) as is_two_of_three_beyond_two_sigma,
        maturity
    from judged
)

select * from final
