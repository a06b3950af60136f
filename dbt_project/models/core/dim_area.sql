with lsoas as (
    select *
    from {{ ref('int_lsoa') }}
    where is_2021
),

residents as (
    select * from {{ ref('int_residents') }}
),

wards as (
    select * from {{ ref('int_ward') }}
),

districts as (
    select *
    from {{ ref('int_district') }}
    where given_district_code = district_code
),

interest as (
    select * from {{ ref('areas_of_interest') }}
),

places as (
    -- Every present LSOA with its residents and all that it lies in.
    select
        lsoas.lsoa_code,
        lsoas.lsoa_name,
        residents.residents_count,
        wards.ward_code,
        wards.ward_name,
        districts.district_code,
        districts.district_name,
        districts.csp_code,
        districts.csp_name,
        districts.force_code,
        districts.force_name
    from lsoas
    inner join wards on lsoas.ward_code = wards.ward_code
    inner join districts on lsoas.district_code = districts.district_code
    left join residents on lsoas.lsoa_code = residents.lsoa21_code
),

areas as (
    {% for area_type, parent in [
        ('lsoa', 'ward'), ('ward', 'district'), ('district', 'csp'), ('csp', 'force'), ('force', none)
    ] -%}
    select
        '{{ area_type }}' as area_type,
        {{ area_type }}_code as area_code,
        min({{ area_type }}_name) as area_name,
        {{ "'" ~ parent ~ "'" if parent else 'cast(null as varchar)' }} as parent_type,
        {{ 'min(' ~ parent ~ '_code)' if parent else 'cast(null as varchar)' }} as parent_code,
        cast(sum(residents_count) as bigint) as residents_count
    from places
    where {{ area_type }}_code is not null
    group by {{ area_type }}_code
    {% if not loop.last -%}
    union all
    {% endif -%}
    {%- endfor %}
),

final as (
    select
        areas.area_type,
        areas.area_code,
        areas.area_name,
        areas.parent_type,
        areas.parent_code,
        areas.residents_count,
        interest.role
    from areas
    left join interest on areas.area_type = interest.area_type and areas.area_code = interest.area_code
)

select * from final
