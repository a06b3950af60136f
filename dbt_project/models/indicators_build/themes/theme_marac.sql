with cases as (
    select * from {{ ref('fct_marac_case') }}
),

referred as (
    select
        referral_month_date as month_date,
        {{ partnership_place() }},
        count(*) as marac_referrals,
        count(*) filter (where is_repeat_criminal_only) as marac_repeat_cases,
        count(*) filter (where is_repeat_any_abuse) as marac_repeat_cases_any_abuse,
        count(*) filter (where is_repeat_criminal_only) as marac_repeat_rate__numerator,
        count(*) as marac_repeat_rate__denominator,
        count(*) filter (where is_repeat_any_abuse) as marac_repeat_rate_any_abuse__numerator,
        count(*) as marac_repeat_rate_any_abuse__denominator
    from cases
    group by all
),

heard as (
    select
        hearing_month_date as month_date,
        {{ partnership_place() }},
        count(*) as marac_cases_heard,
        count(*) as marac_cases_per_10000_women
    from cases
    where hearing_date is not null
    group by all
),

final as (
    {{ unpivot_measures('referred') }}
    union all
    {{ unpivot_measures('heard') }}
)

select * from final
