with final as (
    select
        offence_code,
        title,
        offence_group,
        offence_subgroup,
        list_name,
        valid_from,
        valid_to,
        source
    from {{ ref('offence_groups') }}
)

select * from final
