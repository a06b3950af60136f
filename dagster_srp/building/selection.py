"""Which models a build runs: all of them, or those that its feeds' new deliveries can have changed.

What no new delivery leads to would come out as it stands: same rows, same code. What speaks of the refresh itself or of
every delivery (`ALWAYS`) is run each time.
"""

from __future__ import annotations

from dagster_srp.building.control import BuildPlan

STAGING = "path:models/staging"
BEYOND_STAGING = "path:models/[cim]*"
"""Intermediate, core, indicators_build and marts in one pattern: dbt goes through its project once for each."""
ALWAYS = ("int_refresh+", "int_delivery_count+", "int_decision+")


def staging_selection(plan: BuildPlan) -> tuple[str, ...]:
    """dbt's selection of the first step: seeds change with the code alone, and then the build is full."""
    if _runs_all(plan):
        return ("resource_type:seed", STAGING)
    return tuple(f"stg_{feed}*" for feed in plan.new_feeds)


def marts_selection(plan: BuildPlan) -> tuple[str, ...]:
    """dbt's selection of everything after staging."""
    if _runs_all(plan):
        return (BEYOND_STAGING,)
    roots = (*(f"stg_{feed}*+" for feed in plan.new_feeds), *ALWAYS)
    return tuple(f"{root},{BEYOND_STAGING}" for root in roots)


def _runs_all(plan: BuildPlan) -> bool:
    return plan.is_full or not plan.new_feeds
