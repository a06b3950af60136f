with pairs as (
    select * from {{ ref('stg_police_uk_street__restated_months') }}
),

versions as (
    -- Should a delivery give a crime twice in a month, its last row stands, as it would among deliveries.
    select * from {{ ref('stg_police_uk_street__versions') }}
    qualify row_number() over (
        partition by _delivery_no, reported_by, month, crime_id
        order by _member desc, _line desc
    ) = 1
),

final as (
    select
        pairs.reported_by,
        pairs.month,
        pairs.earlier_delivery_no,
        pairs.earlier_extracted_at,
        pairs.later_delivery_no,
        pairs.later_extracted_at,
        count(later.crime_id) as compared_count,
        count(*) filter (
            where
            later.crime_id is not null
            and later.last_outcome_category is distinct from earlier.last_outcome_category
        ) as changed_outcome_count
    from pairs
    left join versions as earlier
        on
            pairs.earlier_delivery_no = earlier._delivery_no
            and pairs.reported_by = earlier.reported_by
            and pairs.month = earlier.month
    left join versions as later
        on
            pairs.later_delivery_no = later._delivery_no
            and pairs.reported_by = later.reported_by
            and pairs.month = later.month
            and earlier.crime_id = later.crime_id
    group by
        pairs.reported_by, pairs.month, pairs.earlier_delivery_no, pairs.earlier_extracted_at,
        pairs.later_delivery_no, pairs.later_extracted_at
)

select * from final
