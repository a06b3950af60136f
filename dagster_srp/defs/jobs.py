"""Jobs: the one job, which is a whole refresh.

What belongs here: what is run together, how, and with which choices. What does not: when it is run (schedules, sensors).
Dagster's documentation calls this concept "Jobs", under "Asset jobs". The executor is the in-process one: DuckDB has
one writer, and so the steps are one process's.
"""

from typing import Any

import dagster as dg

from dagster_srp.defs.resources import AS_AT


@dg.config_mapping(config_schema={"as_at": dg.Field(str, is_required=False, description=AS_AT)})
def _launchpad(chosen: dict[str, Any]) -> dict[str, Any]:
    """The launchpad asks for nothing but the moment, and that only where one wants another than now."""
    return {"resources": {"refresh": {"config": chosen}}}


REFRESH = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.all(),
    description="One refresh: land new deliveries, build, gate, release. Where nothing is new it stops after landing.",
    executor_def=dg.in_process_executor,
    config=_launchpad,
)
"""From a terminal: `dagster job execute -m dagster_srp.definitions -j refresh`."""
