{{ config(materialized='view', contract={'enforced': false}) }}

with rolled_up as (
    {{ roll_up([
        ref('theme_asb'),
        ref('theme_burglary'),
        ref('theme_crime'),
        ref('theme_domestic_abuse'),
        ref('theme_domestic_abuse_incidents'),
        ref('theme_exploitation'),
        ref('theme_exploitation_referrals'),
        ref('theme_fire'),
        ref('theme_hate'),
        ref('theme_hate_incidents'),
        ref('theme_health'),
        ref('theme_marac'),
        ref('theme_open_data'),
        ref('theme_partnership'),
        ref('theme_probation'),
        ref('theme_safeguarding'),
        ref('theme_services'),
        ref('theme_sexual_offences'),
        ref('theme_survey'),
        ref('theme_violence'),
    ]) }}
),

persons as (
    select
        indicator_id,
        period_type,
        period_start,
        period_end,
        area_type,
        area_code,
        cast(persons_count as decimal(38, 3)) as numerator,
        cast(null as decimal(38, 3)) as denominator
    from {{ ref('repeat_count') }}
),

final as (
    select * from rolled_up
    union all
    select * from persons
)

select * from final
