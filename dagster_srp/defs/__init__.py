"""Dagster's view of the warehouse: one module per concept, and no logic of its own.

What belongs here: what Dagster shows, starts and records (assets, checks, jobs, schedules, sensors, resources), what
dbt's manifest means in its words (`dbt`), and the facts shown beside an asset (`metadata`). What does not: landing,
building, judging or releasing. The assets call the steps of `dagster_srp.refresh`, as the `srp` command does.

No module here has `from __future__ import annotations`: Dagster reads the annotations of its functions as objects.
"""
