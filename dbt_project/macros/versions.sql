{#-
    Which rows of raw speak for a record. Raw keeps every accepted row of every delivery; a build sees the deliveries of
    control.visible_delivery, and a feed's restatement rule says which of their rows stand. The order of two versions is
    the delivery's ordinal (the moment of its extraction, then that of its arrival), then the line.
-#}

{#- Numbers of the deliveries of a feed that this build sees. -#}
{% macro visible_deliveries(feed) -%}
select delivery_no from {{ source('control', 'visible_delivery') }} where feed = '{{ feed }}'
{%- endmacro %}

{#- Current rows of a feed restated by key: the visible ones that no other version has superseded. -#}
{% macro current_records(feed) -%}
select raw.*
from {{ source('landing', feed) }} as raw
left join {{ ref('stg_' ~ feed ~ '__superseded') }} as superseded
    on raw._delivery_no = superseded._delivery_no and raw._line = superseded._line
where
    raw._delivery_no in ({{ visible_deliveries(feed) }})
    and superseded._line is null
{%- endmacro %}

{#- Current rows of a feed restated by month: those of the delivery that won the force's month. -#}
{% macro winning_months(feed) -%}
select raw.*
from {{ source('landing', feed) }} as raw
inner join {{ ref('stg_' ~ feed ~ '__months') }} as winner
    on
        raw._delivery_no = winner.delivery_no
        and raw.reported_by = winner.reported_by
        and raw.month = winner.month
{%- endmacro %}

{#- Current rows of a feed that each delivery replaces whole: those of the highest ordinal. -#}
{% macro latest_snapshot(feed) -%}
select raw.*
from {{ source('landing', feed) }} as raw
where
    raw._delivery_no in (
        select max_by(delivery_no, ordinal)
        from {{ source('control', 'visible_delivery') }}
        where feed = '{{ feed }}'
    )
{%- endmacro %}

{#-
    Rows that another version of their record has superseded, for an incremental model that only ever grows: a row once
    superseded stays so whatever arrives later. `keeps` is `last` (upsert) or `first` (append).
    Only records that can have a second version are ranked: in a full build those whose key's hash occurs twice, and
    afterwards those that a new delivery names, found by the key itself: DuckDB skips what lies outside its range.
-#}
{% macro superseded_rows(feed, key, keeps='last') -%}
{%- set direction = 'desc' if keeps == 'last' else 'asc' -%}
{%- set raw_key = [] -%}
{%- for column in key -%}{%- do raw_key.append('raw.' ~ column) -%}{%- endfor -%}
with visible as (
    select * from {{ source('control', 'visible_delivery') }} where feed = '{{ feed }}'
),

candidates as (
    {% if is_incremental() -%}
    select distinct {{ raw_key | join(', ') }}
    from {{ source('landing', feed) }} as raw
    where raw._delivery_no in (select delivery_no from visible where is_new)
    {%- else -%}
    select {{ candidate_hash(raw_key) }} as key_hash
    from {{ source('landing', feed) }} as raw
    where raw._delivery_no in (select delivery_no from visible)
    group by 1
    having count(*) > 1
    {%- endif %}
),

ranked as (
    select
        raw._delivery_no,
        raw._line,
        row_number() over (
            partition by {{ raw_key | join(', ') }} order by visible.ordinal {{ direction }}, raw._line {{ direction }}
        ) as version_rank
    from {{ source('landing', feed) }} as raw
    inner join visible on raw._delivery_no = visible.delivery_no
    {% if is_incremental() -%}
    inner join candidates
        on
            {% for column in key -%}
            raw.{{ column }} = candidates.{{ column }}
            {{- ' and ' if not loop.last }}
            {% endfor %}
    {%- else -%}
    where {{ candidate_hash(raw_key) }} in (select key_hash from candidates)
    {%- endif %}
),

final as (
    select
        ranked._delivery_no,
        ranked._line
    from ranked
    {% if is_incremental() -%}
    left join {{ this }} as known
        on ranked._delivery_no = known._delivery_no and ranked._line = known._line
    {% endif -%}
    where
        ranked.version_rank > 1
        {% if is_incremental() -%}
        and known._line is null
        {%- endif %}
)

select * from final
{%- endmacro %}

{#- Every visible version of each record of a feed, with the deliveries that brought and replaced it. -#}
{% macro record_versions(feed, key) -%}
with visible as (
    select * from {{ source('control', 'visible_delivery') }} where feed = '{{ feed }}'
),

versions as (
    select
        {% for column in key -%}
        raw.{{ column }},
        {% endfor -%}
        raw._delivery_no,
        raw._line,
        row_number() over version_order as version_no,
        visible.extracted_at as brought_at,
        lead(raw._delivery_no) over version_order as replaced_by_delivery_no,
        lead(visible.extracted_at) over version_order as replaced_at
    from {{ source('landing', feed) }} as raw
    inner join visible on raw._delivery_no = visible.delivery_no
    window version_order as (
        partition by {% for column in key %}raw.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
        order by visible.ordinal, raw._line
    )
),

final as (
    select
        {% for column in key -%}
        {{ column }},
        {% endfor -%}
        version_no,
        replaced_by_delivery_no is null as is_current,
        _delivery_no,
        _line,
        brought_at,
        replaced_by_delivery_no,
        replaced_at
    from versions
)

select * from final
{%- endmacro %}

{#- The delivery whose month stands, for each force and month of a feed restated by month. -#}
{% macro month_winners(feed) -%}
with periods as (
    select * from {{ source('ledger', 'delivery_periods') }} where feed = '{{ feed }}'
),

visible as (
    select * from {{ source('control', 'visible_delivery') }} where feed = '{{ feed }}'
),

final as (
    select
        periods.reported_by,
        periods.month,
        periods.delivery_no,
        visible.extracted_at,
        visible.is_new
    from periods
    inner join visible on periods.delivery_no = visible.delivery_no
    qualify row_number() over (
        partition by periods.reported_by, periods.month order by visible.ordinal desc
    ) = 1
)

select * from final
{%- endmacro %}

{#- The months of a feed restated by month that another delivery of the same force and month has superseded. -#}
{% macro lost_months(feed) -%}
with periods as (
    select * from {{ source('ledger', 'delivery_periods') }} where feed = '{{ feed }}'
),

visible as (
    select * from {{ source('control', 'visible_delivery') }} where feed = '{{ feed }}'
),

ranked as (
    select
        periods.reported_by,
        periods.month,
        periods.delivery_no,
        periods.rows_count,
        max(visible.ordinal) over (partition by periods.reported_by, periods.month) > visible.ordinal as is_lost
    from periods
    inner join visible on periods.delivery_no = visible.delivery_no
),

final as (
    select
        reported_by,
        month,
        delivery_no,
        rows_count
    from ranked
    where is_lost
)

select * from final
{%- endmacro %}
