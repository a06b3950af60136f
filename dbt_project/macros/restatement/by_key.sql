{% macro current_records(feed) -%}
select raw.*
from {{ source('landing', feed) }} as raw
left join {{ ref('stg_' ~ feed ~ '__superseded') }} as superseded
    on raw._delivery_no = superseded._delivery_no and raw._line = superseded._line
where
    raw._delivery_no in ({{ visible_deliveries(feed) }})
    and superseded._line is null
{%- endmacro %}

{% macro superseded_rows(feed, key, keeps='last') -%}
{%- set direction = 'desc' if keeps == 'last' else 'asc' -%}
{%- if is_incremental() -%}
{{ superseded_rows_of_new_deliveries(feed, key, direction) }}
{%- else -%}
{{ superseded_rows_in_full(feed, key, direction) }}
{%- endif -%}
{%- endmacro %}

{% macro superseded_rows_in_full(feed, key, direction) -%}
with visible as (
    select * from {{ source('control', 'visible_delivery') }} where feed = '{{ feed }}'
),

candidates as (
    select {{ candidate_hash(raw_columns(key)) }} as key_hash
    from {{ source('landing', feed) }} as raw
    where raw._delivery_no in (select delivery_no from visible)
    group by 1
    having count(*) > 1
),

ranked as (
    select
        raw._delivery_no,
        raw._line,
        {{ version_rank(key, direction) }} as version_rank
    from {{ source('landing', feed) }} as raw
    inner join visible on raw._delivery_no = visible.delivery_no
    where {{ candidate_hash(raw_columns(key)) }} in (select key_hash from candidates)
),

final as (
    select
        _delivery_no,
        _line
    from ranked
    where version_rank > 1
)

select * from final
{%- endmacro %}

{% macro superseded_rows_of_new_deliveries(feed, key, direction) -%}
with visible as (
    select * from {{ source('control', 'visible_delivery') }} where feed = '{{ feed }}'
),

candidates as (
    select distinct {{ raw_columns(key) | join(', ') }}
    from {{ source('landing', feed) }} as raw
    where raw._delivery_no in (select delivery_no from visible where is_new)
),

ranked as (
    select
        raw._delivery_no,
        raw._line,
        {{ version_rank(key, direction) }} as version_rank
    from {{ source('landing', feed) }} as raw
    inner join visible on raw._delivery_no = visible.delivery_no
    inner join candidates
        on
            {% for column in key -%}
            raw.{{ column }} = candidates.{{ column }}
            {{- ' and ' if not loop.last }}
            {% endfor %}
),

final as (
    select
        ranked._delivery_no,
        ranked._line
    from ranked
    left join {{ this }} as known
        on ranked._delivery_no = known._delivery_no and ranked._line = known._line
    where
        ranked.version_rank > 1
        and known._line is null
)

select * from final
{%- endmacro %}

{% macro version_rank(key, direction) -%}
row_number() over (
            partition by {{ raw_columns(key) | join(', ') }} order by visible.ordinal {{ direction }}, raw._line {{ direction }}
        )
{%- endmacro %}

{% macro raw_columns(key) -%}
{%- set columns = [] -%}
{%- for column in key -%}{%- do columns.append('raw.' ~ column) -%}{%- endfor -%}
{{- return(columns) -}}
{%- endmacro %}

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
