with records as (
    select * from {{ ref('stg_marac_cases') }}
),

secret as (
    select * from {{ ref('int_pseudonym_secret') }}
),

identified as (
    select
        records.*,
        {{ pseudonym("'marac:' || trim(records.victim_ref)") }} as victim_key,
        {{ pseudonym("'marac:' || " ~ sorted_list('records.perpetrator_refs')) }} as perpetrator_set_key
    from records
    cross join secret
),

final as (
    select
        case_ref,
        referral_date,
        hearing_date,
        victim_key,
        perpetrator_set_key,
        referring_agency,
        is_criminal_abuse,
        children_count,
        outcome,
        district_code,
        -- Of the same pair on an earlier day: two agencies that refer on one day have referred once.
        max(referral_date) over (
            partition by victim_key, perpetrator_set_key
            order by referral_date
            range between unbounded preceding and interval 1 day preceding
        ) as previous_referral_date
    from identified
)

select * from final
