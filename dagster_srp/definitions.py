"""The one assembly: everything that Dagster knows of the warehouse, made from the settings.

Nothing is opened or run here. dbt's manifest is read, because the assets are drawn from it; after a change of the code
it is first written anew, once for all homes (see `defs.dbt.prepared_manifest`).
"""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from dagster_srp.contracts import load_contracts
from dagster_srp.defs import assets, checks, jobs, resources, schedules, sensors
from dagster_srp.defs.dbt import prepared_manifest, read_project
from dagster_srp.gates import GATES
from dagster_srp.settings import Settings


def build_defs(settings: Settings, manifest: Mapping[str, Any] | None = None) -> dg.Definitions:
    """The definitions for one home; tests give their own settings, and the manifest where they have it."""
    contracts = load_contracts()
    project = read_project(manifest or prepared_manifest())
    return dg.Definitions(
        assets=[
            assets.landing(contracts),
            assets.staging(project),
            assets.marts(project),
            assets.release(),
        ],
        asset_checks=[checks.gate_checks(gate) for gate in GATES],
        jobs=[jobs.REFRESH, jobs.release_as_at(settings)],
        schedules=[schedules.daily_refresh(settings, contracts)],
        sensors=[sensors.waiting_delivery(settings, contracts)],
        resources={"refresh": resources.refresh_resource(settings)},
        executor=dg.in_process_executor,
    )


# every setting has a default or comes from the environment, which mypy cannot see
defs = build_defs(Settings())  # type: ignore[call-arg]
