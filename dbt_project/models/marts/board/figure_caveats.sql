{{ config(alias='indicator_caveats') }}

-- What must stand beside an indicator's figures of some period: every page and export that shows a figure shows these.
-- A decision about a delivery is a caveat of every indicator that counts from its feed, over the delivery's months.
with registered as (
    select
        caveat_id,
        indicator_id,
        period_start,
        period_end,
        text as caveat_text,
        source
    from {{ ref('indicator_caveats') }}
),

feeds as (
    select distinct
        indicator_id,
        trim(feed) as feed
    from (
        select
            indicator_id,
            {{ list_entries('source_feeds') }} as feed
        from {{ ref('dim_indicator') }}
        where valid_to is null
    ) as listed
),

decided as (
    select
        concat('delivery_', substr(decision.sha256, 1, 12), '_', feeds.indicator_id) as caveat_id,
        feeds.indicator_id,
        decision.first_month_date as period_start,
        {{ add_days(add_months('decision.last_month_date', 1), -1) }} as period_end,
        concat(
            'The delivery ', decision.file_name, ' of ', decision.feed,
            case decision.state
                when 'accepted' then ' is counted by decision of '
                when 'refused' then ' is not counted by decision of '
                else ' is doubted and not counted since '
            end,
            cast(decision.decided_date as varchar), ': ', decision.because_text
        ) as caveat_text,
        concat('decision about a delivery of ', decision.feed) as source
    from {{ ref('int_decision') }} as decision
    inner join feeds on decision.feed = feeds.feed
),

final as (
    select * from registered
    union all
    select * from decided
)

select * from final
