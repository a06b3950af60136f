with records as (
    select * from {{ ref('stg_srp_survey') }}
),

final as (
    select
        response_ref,
        wave_date,
        question,
        answer,
        weight,
        ward_code
    from records
)

select * from final
