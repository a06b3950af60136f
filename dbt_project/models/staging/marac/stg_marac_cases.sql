with records as (
    {{ current_records('marac_cases') }}
),

final as (
    select
        case_ref,
        referral_date,
        hearing_date,
        victim_ref,
        victim_forename,
        victim_surname,
        perpetrator_refs,
        referring_agency,
        is_criminal_abuse,
        children_count,
        outcome,
        district_code,
        _delivery_no,
        _line
    from records
)

select * from final
