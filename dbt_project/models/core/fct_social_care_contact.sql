with records as (
    select * from {{ ref('int_social_care_contact') }}
),

home as (
    select * from {{ ref('int_home_area') }}
),

final as (
    select
        records.contact_ref,
        records.contact_date,
        {{ month_start('records.contact_date') }} as contact_month_date,
        records.kind,
        {{ has_entry('records.tags', 'cse') }} as is_cse,
        {{ has_entry('records.tags', 'cce') }} as is_cce,
        {{ has_entry('records.tags', 'neglect') }} as is_neglect,
        home.csp_code,
        home.force_code,
        records.child_key
    from records
    cross join home
)

select * from final
