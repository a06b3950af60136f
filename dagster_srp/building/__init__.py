"""Building: what dbt is told, and running it.

What belongs here: which deliveries a build may see (`control`), whether it may be incremental, the fingerprint of the
code that builds, and dbt itself. What does not: any model's logic (dbt_project) or any judgement (gates).
"""

from dagster_srp.building.code import CodeVersion, code_version
from dagster_srp.building.control import BuildPlan, complete_build, prepare_build
from dagster_srp.building.dbt import Dbt, DbtFailed, DbtOutcome, dbt_environment

__all__ = [
    "BuildPlan",
    "CodeVersion",
    "Dbt",
    "DbtFailed",
    "DbtOutcome",
    "code_version",
    "complete_build",
    "dbt_environment",
    "prepare_build",
]
