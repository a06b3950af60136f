{%- set first_day = "date '2014-04-01'" -%}
with refresh as (
    select * from {{ ref('int_refresh') }}
),

span as (
    select {{ add_days(add_months(financial_year_start('cast(known_at as date)'), 12), -1) }} as last_day
    from refresh
    where known_at is not null
),

numbers as (
    {{ integers_to('(select ' ~ days_between(first_day, 'last_day') ~ ' from span)') }}
),

days as (
    select {{ add_days(first_day, 'n') }} as date_day
    from numbers
),

months as (
    select
        date_day,
        {{ month_start('date_day') }} as month_start_date,
        cast(date_trunc('quarter', date_day) as date) as quarter_start_date,
        {{ financial_year_start('date_day') }} as year_start_date
    from days
),

final as (
    select
        date_day,
        month_start_date,
        quarter_start_date,
        year_start_date,
        {{ add_days(add_months('month_start_date', 1), -1) }} as month_end_date,
        {{ add_days(add_months('quarter_start_date', 3), -1) }} as quarter_end_date,
        {{ add_days(add_months('year_start_date', 12), -1) }} as year_end_date,
        cast({{ months_between_starts('year_start_date', 'quarter_start_date') }} / 3 + 1 as integer) as quarter_no,
        concat(year(year_start_date), '/', substr(cast(year(year_start_date) + 1 as varchar), 3, 2)) as financial_year
    from months
)

select * from final
