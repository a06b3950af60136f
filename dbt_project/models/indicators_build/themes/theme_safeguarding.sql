with contacted as (
    select
        contact_month_date as month_date,
        {{ partnership_place() }},
        count(*) filter (where kind = 'referral') as child_protection_referrals,
        count(*) filter (where kind = 'referral' and is_cse) as child_protection_referrals_cse_tagged,
        count(*) filter (where kind = 'contact' and is_cse) as social_care_contacts_cse,
        count(*) filter (where kind = 'contact' and is_cce) as social_care_contacts_cce
    from {{ ref('fct_social_care_contact') }}
    group by all
),

final as (
    {{ unpivot_measures('contacted') }}
)

select * from final
