{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{% if is_incremental() %}delete from {{ this }}{% endif %}"
) }}

-- The months of open data that the deliveries new to this build bring. A full build needs none and finds none.
with winners as (
    select
        month,
        is_new
    from {{ ref('stg_police_uk_street__months') }}
    {% if not is_incremental() -%}
    where false
    {%- endif %}
),

final as (
    select distinct month as month_date
    from winners
    where is_new
)

select * from final
