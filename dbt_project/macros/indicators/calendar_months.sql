{#
    What some months mean, wherever they are counted: calendar months, never a number of days, so that a year with
    29 February is as long as any other. Repeat rules, rolling periods and follow-up years use these and nothing else.
#}


{# First day of the months that end with `last_day`: of the twelve that end on 28 February 2017, 1 March 2016. #}
{% macro first_day_of_months(last_day, months) -%}
{{ add_months(add_days(last_day, 1), '-(' ~ months ~ ')') }}
{%- endmacro %}


{# Last day of the months that begin with `first_day`: of the twelve that begin on 1 March 2016, 28 February 2017. #}
{% macro last_day_of_months(first_day, months) -%}
{{ add_days(add_months(first_day, months), -1) }}
{%- endmacro %}


{#
    Whether `later` lies within the months since `earlier`, the same day of the month included: twelve months after
    29 February 2016 end on 28 February 2017.
#}
{% macro is_within_months(earlier, later, months) -%}
{{ later }} <= {{ add_months(earlier, months) }}
{%- endmacro %}
