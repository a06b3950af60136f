with revisions as (
    select * from {{ ref('int_street_outcome_revision') }}
),

deliveries as (
    select * from {{ ref('int_visible_delivery') }}
),

final as (
    select
        revisions.month,
        revisions.reported_by as force,
        earlier.sha256 as earlier_sha256,
        revisions.earlier_extracted_at,
        later.sha256 as later_sha256,
        revisions.later_extracted_at,
        revisions.compared_count,
        revisions.changed_outcome_count
    from revisions
    inner join deliveries as earlier on revisions.earlier_delivery_no = earlier.delivery_no
    inner join deliveries as later on revisions.later_delivery_no = later.delivery_no
)

select * from final
