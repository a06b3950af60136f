{% macro z_95() %}1.959963984540054{% endmacro %}


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


{% macro wilson_bound(numerator, denominator, sign) -%}
(
    {{ numerator }} / {{ denominator }} + power({{ z_95() }}, 2) / (2 * {{ denominator }})
    {{ sign }} {{ z_95() }} * sqrt(
        {{ numerator }} / {{ denominator }} * (1 - {{ numerator }} / {{ denominator }}) / {{ denominator }}
        + power({{ z_95() }} / (2 * {{ denominator }}), 2)
    )
) / (1 + power({{ z_95() }}, 2) / {{ denominator }})
{%- endmacro %}


{% macro z_of_counts(earlier, later) -%}
sign({{ later }} - {{ earlier }}) * greatest(abs({{ later }} - {{ earlier }}) - 1, 0)
/ nullif(sqrt({{ earlier }} + {{ later }}), 0)
{%- endmacro %}


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
