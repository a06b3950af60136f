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
