with records as (
    select * from {{ source('landing', 'police_uk_street') }}
),

periods as (
    select
        reported_by,
        month,
        earlier_delivery_no as delivery_no
    from {{ ref('stg_police_uk_street__restated_months') }}
    union
    select
        reported_by,
        month,
        later_delivery_no as delivery_no
    from {{ ref('stg_police_uk_street__restated_months') }}
),

final as (
    select
        records.crime_id,
        records.month,
        records.reported_by,
        records.last_outcome_category,
        records._delivery_no,
        records._member,
        records._line
    from records
    inner join periods
        on
            records._delivery_no = periods.delivery_no
            and records.reported_by = periods.reported_by
            and records.month = periods.month
    where records.crime_id is not null
)

select * from final
