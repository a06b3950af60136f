{#
    Joins crimes to one named positive-outcome set by their latest outcome, judged by the set as it stood on the day of
    that outcome. A crime matches at most one row, so counts are not multiplied; `<alias>.outcome_type is not null` says
    that the outcome is positive. Type 0 is in no set.
#}
{% macro join_positive_outcomes(crimes, set_id, alias='positive') %}
    left join {{ ref('positive_outcome_sets') }} as {{ alias }}
        on
            {{ alias }}.set_id = '{{ set_id }}'
            and {{ crimes }}.latest_outcome_type = {{ alias }}.outcome_type
            and {{ crimes }}.latest_outcome_date >= {{ alias }}.valid_from
            and ({{ alias }}.valid_to is null or {{ crimes }}.latest_outcome_date <= {{ alias }}.valid_to)
{% endmacro %}
