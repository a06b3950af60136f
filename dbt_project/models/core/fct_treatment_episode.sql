with records as (
    select * from {{ ref('int_treatment_episode') }}
),

home as (
    select * from {{ ref('int_home_area') }}
),

final as (
    select
        records.episode_ref,
        records.started_date,
        {{ month_start('records.started_date') }} as started_month_date,
        records.ended_date,
        {{ month_start('records.ended_date') }} as ended_month_date,
        records.substance_group,
        records.ending,
        records.is_mental_health_requirement,
        home.csp_code,
        home.force_code,
        records.person_key
    from records
    cross join home
)

select * from final
