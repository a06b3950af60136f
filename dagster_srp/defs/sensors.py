"""Sensors: when a refresh is started because something happened.

What belongs here: looking, and asking for a run. What does not: taking the files (landing), or times (schedules).
Dagster's documentation calls this concept "Sensors", under Automate.
"""

import hashlib
from collections.abc import Collection

import dagster as dg

from dagster_srp.defs.jobs import REFRESH
from dagster_srp.landing.inbox import Scan, scan_inbox
from dagster_srp.settings import Settings

UNDER_WAY = [dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]


def waiting_delivery(settings: Settings, feeds: Collection[str]) -> dg.SensorDefinition:
    """Starts a refresh when a whole file lies in a feed's folder; stopped until somebody starts it.

    The same waiting files ask once: a refresh that failed on them is not tried for ever.
    """

    @dg.sensor(
        name="waiting_delivery",
        job=REFRESH,
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.STOPPED,
        description="Starts a refresh when a whole file lies in the inbox.",
    )
    def look(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        if context.instance.get_runs_count(dg.RunsFilter(job_name=REFRESH.name, statuses=UNDER_WAY)):
            return dg.SkipReason("A refresh is under way; what is left after it will be seen then.")
        scan = scan_inbox(settings.inbox_dir, feeds, settings.settle_seconds)
        if not scan.ready:
            return dg.SkipReason(f"No whole file waits; {len(scan.unfinished)} still being written.")
        return dg.RunRequest(run_key=_said_by(scan))

    return look


def _said_by(scan: Scan) -> str:
    """A key that is the same for the same waiting files."""
    stats = [(str(item.path), item.path.stat()) for item in scan.ready]
    said = "|".join(
        f"{path} {stat.st_size} {stat.st_mtime_ns}" for path, stat in sorted(stats, key=lambda one: one[0])
    )
    return hashlib.sha256(said.encode()).hexdigest()
