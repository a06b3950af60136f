with records as (
    select * from {{ ref('int_survey_response') }}
),

wards as (
    select * from {{ ref('int_ward') }}
),

home as (
    select * from {{ ref('int_home_area') }}
),

final as (
    select
        records.response_ref,
        records.wave_date,
        {{ month_start('records.wave_date') }} as wave_month_date,
        records.question,
        records.answer,
        records.weight,
        home.csp_code,
        home.force_code,
        wards.ward_code
    from records
    cross join home
    left join wards on records.ward_code = wards.ward_code
)

select * from final
