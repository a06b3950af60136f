-- Every registered indicator, by period and area: the sums of the theme models and the engines that count persons.
-- Partnerships and forces are complete, zeros included; wards and LSOAs have a row only where something was counted.
with register as (
    select * from {{ ref('dim_indicator') }}
    where valid_to is null
),

home as (
    select csp_code from {{ ref('int_home_area') }}
),

stocks as (
    select * from {{ ref('indicator_stock') }}
),

sums as (
    select * from {{ ref('indicator_sum') }}
),

area_sums as (
    select * from sums
    where area_type in ('csp', 'force')
),

small_area_sums as (
    select * from sums
    where area_type in ('ward', 'lsoa')
),

whole as (
    select * from {{ ref('figure_maturity') }}
),

complete as (
    select
        whole.indicator_id,
        whole.period_type,
        whole.period_start,
        whole.period_end,
        whole.area_type,
        whole.area_code,
        whole.maturity,
        coalesce(area_sums.numerator, 0) as numerator,
        coalesce(area_sums.denominator, 0) as denominator
    from whole
    left join area_sums
        on
            whole.indicator_id = area_sums.indicator_id
            and whole.period_type = area_sums.period_type
            and whole.period_start = area_sums.period_start
            and whole.area_type = area_sums.area_type
            and whole.area_code = area_sums.area_code
    union all
    select
        small_area_sums.indicator_id,
        small_area_sums.period_type,
        small_area_sums.period_start,
        small_area_sums.period_end,
        small_area_sums.area_type,
        small_area_sums.area_code,
        whole.maturity,
        small_area_sums.numerator,
        small_area_sums.denominator
    from small_area_sums
    inner join whole
        on
            small_area_sums.indicator_id = whole.indicator_id
            and small_area_sums.period_type = whole.period_type
            and small_area_sums.period_start = whole.period_start
            and whole.area_type = 'csp'
    inner join home on whole.area_code = home.csp_code
),

measured as (
    select
        complete.*,
        register.unit,
        register.breakdown_type,
        stocks.per,
        case
            when register.unit = 'percent' then complete.denominator
            else stocks.stock
        end as divisor
    from complete
    inner join register
        on
            complete.indicator_id = register.indicator_id
            and concat(';', register.area_types, ';') like concat('%;', complete.area_type, ';%')
    left join stocks
        on
            register.unit = stocks.unit
            and complete.area_type = stocks.area_type
            and complete.area_code = stocks.area_code
),

final as (
    select
        measured.indicator_id,
        measured.period_type,
        measured.period_start,
        measured.period_end,
        measured.area_type,
        measured.area_code,
        measured.breakdown_type,
        'all' as breakdown,
        cast(measured.numerator as double) as numerator,
        cast(measured.divisor as double) as denominator,
        case
            when measured.unit in ('count', 'hours') then cast(measured.numerator as double)
            else
                -- ten decimals: what lies beyond them is noise of the division
                round(
                    coalesce(measured.per, 100) * cast(measured.numerator as double)
                    / nullif(cast(measured.divisor as double), 0), 10
                )
        end as value,
        measured.unit,
        measured.maturity,
        refresh.release_id
    from measured
    cross join {{ ref('int_refresh') }} as refresh
)

select * from final
