with final as (
    select
        area_type,
        area_code,
        area_name,
        offence_group,
        period_start,
        period_end,
        recorded_count
    from {{ ref('int_ons_recorded_crime') }}
)

select * from final
