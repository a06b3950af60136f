with records as (
    select * from {{ ref('stg_health_treatment') }}
),

secret as (
    select * from {{ ref('int_pseudonym_secret') }}
),

final as (
    select
        records.episode_ref,
        records.started_date,
        records.ended_date,
        records.substance_group,
        records.ending,
        records.is_mental_health_requirement,
        {{ pseudonym("'health:' || trim(records.person_ref)") }} as person_key
    from records
    cross join secret
)

select * from final
