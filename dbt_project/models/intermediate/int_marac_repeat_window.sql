with rules as (
    select * from {{ ref('marac_repeat_rules') }}
),

final as (
    -- The rule's latest wording: both rules are given for every case, side by side, whatever its day.
    select
        max_by(window_months, valid_from) filter (where rule_id = 'any_abuse') as any_abuse_months,
        max_by(window_months, valid_from) filter (where rule_id = 'criminal_only') as criminal_only_months
    from rules
)

select * from final
