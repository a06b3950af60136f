{{ config(alias='indicator_caveats') }}

-- What must stand beside an indicator's figures of some period: every page and export that shows a figure shows these.
with final as (
    select
        caveat_id,
        indicator_id,
        period_start,
        period_end,
        text as caveat_text,
        source
    from {{ ref('indicator_caveats') }}
)

select * from final
