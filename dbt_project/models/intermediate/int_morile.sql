with records as (
    select * from {{ ref('stg_srp_morile') }}
),

final as (
    select
        theme,
        assessment_date,
        impact_and_harm,
        likelihood,
        confidence,
        organisational_position
    from records
)

select * from final
