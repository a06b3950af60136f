{#
    What a repeat rule may count: every event set by its name, and the person it is counted by. A person is a keyed
    pseudonym; an event whose person is not known cannot repeat and is left out. A rule of `repeat_rules` that names
    another event set fails that seed's test, so that a misspelt rule does not count nobody.
#}
{% macro repeat_events() %}
    select
        'asb_incidents' as event_set,
        'caller_and_address' as person,
        caller_key as person_key,
        opened_date as event_date,
        {{ places() }}
    from {{ ref('fct_incident') }}
    where is_asb and caller_key is not null
    union all
    select
        'residential_burglaries_committed' as event_set,
        'complainant' as person,
        complainant_key as person_key,
        committed_from_date as event_date,
        {{ places() }}
    from {{ ref('fct_crime') }}
    where offence_subgroup in ('burglary_dwelling', 'residential_burglary') and complainant_key is not null
    union all
    select
        'domestic_abuse_crimes_recorded' as event_set,
        'complainant' as person,
        complainant_key as person_key,
        recorded_date as event_date,
        {{ places() }}
    from {{ ref('fct_crime') }}
    where is_domestic_abuse and complainant_key is not null
{% endmacro %}
