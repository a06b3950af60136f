with given as (
    {% for record in ['int_crime', 'int_incident', 'int_asb_report', 'int_fire', 'int_marac_case'] -%}
    select distinct
        '{{ record }}' as record,
        district_code
    from {{ ref(record) }}
    {% if record == 'int_crime' -%}
    -- Of the largest feed only what no whole build has looked at; a new lookup makes every delivery new.
    where {{ is_from_new_delivery() }}
    {% endif -%}
    {% if not loop.last -%}
    union all
    {% endif -%}
    {%- endfor %}
),

districts as (
    select * from {{ ref('int_district') }}
),

final as (
    select
        given.record,
        given.district_code
    from given
    left join districts on given.district_code = districts.given_district_code
    where districts.given_district_code is null
)

select * from final
