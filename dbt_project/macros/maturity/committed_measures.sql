{#
    What each measure by the day of committing counts, as conditions on `fct_crime`: whose recording lags its maturity
    waits for. A test compares the names with the register's indicators of that date basis.
#}
{% macro committed_measures() %}
    {{ return({
        'cse_tagged_offences_committed': 'is_cse',
        'residential_burglary_committed': "offence_subgroup in ('burglary_dwelling', 'residential_burglary')",
        'residential_burglary_repeat_victims': "offence_subgroup in ('burglary_dwelling', 'residential_burglary')",
        'residential_burglary_repeat_victims_rolling': "offence_subgroup in ('burglary_dwelling', 'residential_burglary')",
        'violence_against_the_person_committed': "offence_group = 'violence_against_the_person'",
    }) }}
{% endmacro %}
