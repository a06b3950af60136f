with final as (
    select
        feed,
        sha256,
        file_name,
        state,
        decided_date,
        because_text,
        {{ month_start('period_start_date') }} as first_month_date,
        {{ month_start('period_end_date') }} as last_month_date
    from {{ source('control', 'decision') }}
)

select * from final
