with records as (
    select * from {{ ref('stg_rmbc_da_services') }}
),

secret as (
    select * from {{ ref('int_pseudonym_secret') }}
),

final as (
    select
        records.service_ref,
        records.service,
        records.referred_date,
        records.started_date,
        records.ended_date,
        records.ending,
        {{ pseudonym("'rmbc:' || trim(records.person_ref)") }} as person_key
    from records
    cross join secret
)

select * from final
