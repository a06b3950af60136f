with cases as (
    select * from {{ ref('int_marac_case') }}
),

districts as (
    select * from {{ ref('int_district') }}
),

repeat_window as (
    select * from {{ ref('int_marac_repeat_window') }}
),

final as (
    -- Repeat within the rule's months of the last referral, that very day included; the narrower rule also asks that
    -- what is now referred would be criminal.
    select
        cases.case_ref,
        cases.referral_date,
        {{ month_start('cases.referral_date') }} as referral_month_date,
        cases.hearing_date,
        {{ month_start('cases.hearing_date') }} as hearing_month_date,
        cases.victim_key,
        cases.perpetrator_set_key,
        cases.referring_agency,
        cases.is_criminal_abuse,
        cases.children_count,
        cases.outcome,
        districts.district_code,
        districts.csp_code,
        districts.force_code,
        cases.previous_referral_date,
        coalesce(
            {{ is_within_months(
                'cases.previous_referral_date', 'cases.referral_date', 'repeat_window.any_abuse_months'
            ) }},
            false
        ) as is_repeat_any_abuse,
        cases.is_criminal_abuse and coalesce(
            {{ is_within_months(
                'cases.previous_referral_date', 'cases.referral_date', 'repeat_window.criminal_only_months'
            ) }},
            false
        ) as is_repeat_criminal_only
    from cases
    cross join repeat_window
    left join districts on cases.district_code = districts.given_district_code
)

select * from final
