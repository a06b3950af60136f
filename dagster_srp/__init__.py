"""The Safer Rotherham warehouse.

Data travels one way: landing, building (the dbt project), gates, release. Each package's docstring says what
belongs there and what does not. Domain packages import neither Dagster nor a command-line framework; `defs` is
Dagster's room and `cli` the terminal's, and both only call the others.
"""
