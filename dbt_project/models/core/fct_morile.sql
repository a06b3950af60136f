with records as (
    select * from {{ ref('int_morile') }}
),

home as (
    select * from {{ ref('int_home_area') }}
),

final as (
    select
        records.theme,
        records.assessment_date,
        {{ month_start('records.assessment_date') }} as assessment_month_date,
        records.impact_and_harm,
        records.likelihood,
        records.confidence,
        records.organisational_position,
        home.csp_code,
        home.force_code
    from records
    cross join home
)

select * from final
