{#- The 97.5th centile of the standard normal distribution: 95% lie within so many standard deviations. -#}
{% macro z_95() %}1.959963984540054{% endmacro %}


{#-
    The 95% interval of a count by Byar's approximation to the exact Poisson limits (N. E. Breslow and N. E. Day,
    Statistical Methods in Cancer Research, volume II, IARC 1987, page 69): SQL has no quantiles of the chi-square
    distribution. tests/marts/test_intervals.py holds it against SciPy's exact limits.
-#}
{% macro byar_lower(events) -%}
case
    when {{ events }} = 0 then 0
    else {{ events }} * power(greatest(0, 1 - 1 / (9 * {{ events }}) - {{ z_95() }} / (3 * sqrt({{ events }}))), 3)
end
{%- endmacro %}

{% macro byar_upper(events) -%}
({{ events }} + 1)
* power(1 - 1 / (9 * ({{ events }} + 1)) + {{ z_95() }} / (3 * sqrt({{ events }} + 1)), 3)
{%- endmacro %}


{#- The 95% interval of a proportion by Wilson's score method (E. B. Wilson, JASA 1927), as a proportion of 1. -#}
{% macro wilson_bound(numerator, denominator, sign) -%}
(
    {{ numerator }} / {{ denominator }} + power({{ z_95() }}, 2) / (2 * {{ denominator }})
    {{ sign }} {{ z_95() }} * sqrt(
        {{ numerator }} / {{ denominator }} * (1 - {{ numerator }} / {{ denominator }}) / {{ denominator }}
        + power({{ z_95() }} / (2 * {{ denominator }}), 2)
    )
) / (1 + power({{ z_95() }}, 2) / {{ denominator }})
{%- endmacro %}


{#-
    Standard deviations by which two counts of equal exposure differ: given their sum, the later is binomial with one half,
    and the normal approximation with continuity correction stands for it. Null where both are 0.
-#}
{% macro z_of_counts(earlier, later) -%}
sign({{ later }} - {{ earlier }}) * greatest(abs({{ later }} - {{ earlier }}) - 1, 0)
/ nullif(sqrt({{ earlier }} + {{ later }}), 0)
{%- endmacro %}


{#- Standard deviations by which two proportions differ, by the pooled proportion. Null where nothing can vary. -#}
{% macro z_of_proportions(earlier_numerator, earlier_denominator, later_numerator, later_denominator) -%}
({{ later_numerator }} / nullif({{ later_denominator }}, 0) - {{ earlier_numerator }} / nullif({{ earlier_denominator }}, 0))
/ nullif(
    sqrt(
        ({{ earlier_numerator }} + {{ later_numerator }})
        / nullif({{ earlier_denominator }} + {{ later_denominator }}, 0)
        * (
            1 - ({{ earlier_numerator }} + {{ later_numerator }})
            / nullif({{ earlier_denominator }} + {{ later_denominator }}, 0)
        )
        * (1 / nullif({{ earlier_denominator }}, 0) + 1 / nullif({{ later_denominator }}, 0))
    ),
    0
)
{%- endmacro %}
