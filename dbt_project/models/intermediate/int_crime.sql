with records as (
    select * from {{ ref('stg_syp_crimes') }}
),

final as (
    select
        crime_ref,
        recorded_date,
        committed_from_date,
        committed_to_date,
        offence_code,
        is_dwelling,
        tags,
        hate_strands,
        district_code,
        ward_code,
        lsoa_code,
        complainant_ref,
        complainant_forename,
        complainant_surname,
        complainant_birth_date,
        _delivery_no
    from records
)

select * from final
