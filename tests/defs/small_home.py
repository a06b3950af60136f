"""A home with two small feeds, and the refresh job run on it inside this process."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg

from dagster_srp.definitions import build_defs
from dagster_srp.settings import Settings

AREAS = """ltla24_code,ltla24_name,csp24_code,csp24_name,pfa24_code,pfa24_name
E08000018,Rotherham,E22000261,Rotherham,E23000011,South Yorkshire
E08000016,Barnsley,E22000007,Barnsley,E23000011,South Yorkshire
"""
MEETING = """Meeting,Organisation,Attendance
01/06/2016,Borough Council,attended
01/06/2016,Police,represented
"""


class SmallHome:
    """Delivers, and runs the job as Dagster would."""

    def __init__(self, root: Path, manifest: Mapping[str, Any]) -> None:
        self.settings = Settings(home=root, inbox=None, as_at=None, settle_seconds=0)
        self.definitions = build_defs(self.settings, manifest)
        self.instance = dg.DagsterInstance.ephemeral()

    @property
    def root(self) -> Path:
        return self.settings.home_dir

    def deliver(self, feed: str, name: str, text: str) -> None:
        folder = self.settings.inbox_dir / feed
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")

    def refresh(self, **launchpad: str) -> dg.ExecuteInProcessResult:
        job = self.definitions.resolve_job_def("refresh")
        return job.execute_in_process(run_config=launchpad, instance=self.instance, raise_on_error=False)

    def said_of(self, key: str) -> Mapping[str, Any]:
        """The metadata of an asset's latest materialisation, as plain values."""
        event = self.instance.get_latest_materialization_event(dg.AssetKey(key.split("/")))
        assert event is not None and event.asset_materialization is not None
        return {name: entry.value for name, entry in event.asset_materialization.metadata.items()}
