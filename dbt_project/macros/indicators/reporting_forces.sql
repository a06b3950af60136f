{#
    The police force area of each force that open data name: data.police.uk writes "South Yorkshire Police" where ONS writes
    "South Yorkshire". Only the forces of `areas_of_interest` are told; another force's rows have no force code.
#}
{% macro reporting_forces() %}
    select
        area_code as force_code,
        concat(area_name, ' Police') as force
    from {{ ref('areas_of_interest') }}
    where area_type = 'force'
{% endmacro %}

{#
    A place, of a row that the place's own force reported; null for a row of another force. The open data of an area are
    what its own force reported: rows of the British Transport Police or of a neighbour that lie in it are counted for
    neither the partnership nor the force, as in ONS's tables, so that no partnership is above its force. They stay in
    `street_crime_monthly`. Reads the CTEs `forces` (of the row) and `districts` (of its place).
#}
{% macro where_own_force(column) -%}
    case when districts.force_code = forces.force_code then {{ column }} end
{%- endmacro %}
