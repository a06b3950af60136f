with records as (
    select * from {{ ref('int_da_service') }}
),

home as (
    select * from {{ ref('int_home_area') }}
),

final as (
    select
        records.service_ref,
        records.service,
        records.referred_date,
        {{ month_start('records.referred_date') }} as referred_month_date,
        records.started_date,
        {{ month_start('records.started_date') }} as started_month_date,
        records.ended_date,
        {{ month_start('records.ended_date') }} as ended_month_date,
        records.ending,
        home.csp_code,
        home.force_code,
        records.person_key
    from records
    cross join home
)

select * from final
