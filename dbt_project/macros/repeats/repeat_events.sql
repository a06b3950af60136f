{#
    What a repeat rule may count: every event set by its name, and the person it is counted by. A person is a keyed
    pseudonym; an event whose person is not known cannot repeat and is left out. A rule of `repeat_rules` that names
    another event set fails that seed's test, so that a misspelt rule does not count nobody.

    `months` names the CTE of the months in which each set is counted (event_set, month_date): a fact of many years is
    read for those alone.
#}
{% macro repeat_events(months) %}
    select
        'asb_incidents' as event_set,
        'caller_and_address' as person,
        caller_key as person_key,
        opened_date as event_date,
        {{ places() }}
    from {{ ref('fct_incident') }}
    where
        is_asb
        and caller_key is not null
        and opened_month_date in (select m.month_date from {{ months }} as m where m.event_set = 'asb_incidents')
    union all
    select
        'residential_burglaries_committed' as event_set,
        'complainant' as person,
        complainant_key as person_key,
        committed_from_date as event_date,
        {{ places() }}
    from {{ ref('fct_crime') }}
    where
        offence_subgroup in ('burglary_dwelling', 'residential_burglary')
        and complainant_key is not null
        and committed_month_date in (
            select m.month_date from {{ months }} as m where m.event_set = 'residential_burglaries_committed'
        )
    union all
    select
        'domestic_abuse_crimes_recorded' as event_set,
        'complainant' as person,
        complainant_key as person_key,
        recorded_date as event_date,
        {{ places() }}
    from {{ ref('fct_crime') }}
    where
        is_domestic_abuse
        and complainant_key is not null
        and recorded_month_date in (
            select m.month_date from {{ months }} as m where m.event_set = 'domestic_abuse_crimes_recorded'
        )
{% endmacro %}


{# The event sets that are made of crimes: in an incremental run only the months that changed crimes touch are theirs. #}
{% macro crime_event_sets() -%}
'residential_burglaries_committed', 'domestic_abuse_crimes_recorded'
{%- endmacro %}


{# As repeat_count's pre-hook: in an incremental run, forgets the windows that are spoken for no more. #}
{% macro forget_uncovered_windows() %}
    {% if is_incremental() %}
        delete from {{ this }} as counted
        where not exists (
            select 1 from {{ ref('indicator_coverage') }} as coverage
            where
                counted.indicator_id = coverage.indicator_id
                and counted.period_type = coverage.period_type
                and counted.period_start = coverage.period_start
                and counted.area_type = coverage.area_type
                and counted.area_code = coverage.area_code
        )
    {% endif %}
{% endmacro %}
