with records as (
    select * from {{ ref('stg_rmbc_social_care_contacts') }}
),

secret as (
    select * from {{ ref('int_pseudonym_secret') }}
),

final as (
    select
        records.contact_ref,
        records.contact_date,
        records.kind,
        records.tags,
        {{ pseudonym("'rmbc:' || trim(records.child_ref)") }} as child_key
    from records
    cross join secret
)

select * from final
