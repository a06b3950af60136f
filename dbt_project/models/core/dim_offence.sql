with final as (
    select
        offence_code,
        title,
        offence_group,
        offence_subgroup,
        list_name,
        valid_from,
        valid_to,
        source,
        row_number() over (partition by offence_code order by valid_from desc) = 1 as is_latest
    from {{ ref('offence_groups') }}
)

select * from final
