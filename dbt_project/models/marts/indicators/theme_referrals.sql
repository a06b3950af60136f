with referrals as (
    select
        *,
        outcome is not null and outcome <> 'ongoing' as is_ended,
        coalesce(outcome in ('positive_outcome', 'disrupted', 'supported'), false) as is_positive
    from {{ ref('fct_exploitation_referral') }}
),

referred as (
    select
        referral_month_date as month_date,
        {{ partnership_place() }},
        count(*) filter (where kind = 'cse') as cse_referrals,
        count(*) filter (where kind = 'cce') as cce_referrals,
        count(*) filter (where kind = 'modern_slavery') as modern_slavery_referrals,
        count(*) filter (where kind = 'prevent') as prevent_referrals,
        count(*) filter (where kind = 'prevent' and outcome = 'adopted') as prevent_referrals_adopted,
        count(*) filter (where kind = 'cse' and is_positive) as cse_referral_positive_outcome_rate__numerator,
        count(*) filter (where kind = 'cse' and is_ended) as cse_referral_positive_outcome_rate__denominator,
        count(*) filter (where kind = 'cce' and is_positive) as cce_referral_positive_outcome_rate__numerator,
        count(*) filter (where kind = 'cce' and is_ended) as cce_referral_positive_outcome_rate__denominator
    from referrals
    group by all
),

final as (
    {{ unpivot_measures('referred') }}
)

select * from final
