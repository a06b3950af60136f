"""Building: what dbt is told, and running it.

What belongs here: which deliveries a build may see (`control`), whether it may be incremental and what it then runs
(`selection`), the fingerprint of the code that builds, and dbt itself. What does not: any model's logic (dbt_project) or
any judgement (gates).
"""

from dagster_srp.building.code import CodeVersion, code_version
from dagster_srp.building.control import BuildPlan, complete_build, prepare_build
from dagster_srp.building.dbt import Dbt, DbtOutcome, dbt_environment
from dagster_srp.building.selection import marts_selection, staging_selection
from dagster_srp.errors import DbtFailed

__all__ = [
    "BuildPlan",
    "CodeVersion",
    "Dbt",
    "DbtFailed",
    "DbtOutcome",
    "code_version",
    "complete_build",
    "dbt_environment",
    "marts_selection",
    "prepare_build",
    "staging_selection",
]
