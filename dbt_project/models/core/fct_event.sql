with records as (
    select * from {{ ref('int_event') }}
),

home as (
    select * from {{ ref('int_home_area') }}
),

final as (
    select
        records.event_ref,
        records.event_date,
        {{ month_start('records.event_date') }} as event_month_date,
        records.theme,
        records.lead_partner,
        records.attendance_count,
        home.csp_code,
        home.force_code
    from records
    cross join home
)

select * from final
