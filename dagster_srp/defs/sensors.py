"""Sensors: when a refresh is started because something happened.

What belongs here: looking, and asking for a run. What does not: taking the files (landing), or times (schedules).
Dagster's documentation calls this concept "Sensors", under Automate.
"""

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

import dagster as dg

from dagster_srp.contracts import Contract
from dagster_srp.defs.jobs import REFRESH
from dagster_srp.home import Home
from dagster_srp.report.status import Waiting, waiting_in
from dagster_srp.settings import Settings

UNDER_WAY = [dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]
LONGEST_WAIT = dt.timedelta(hours=1)


def waiting_delivery(settings: Settings, contracts: Mapping[str, Contract]) -> dg.SensorDefinition:
    """Starts a refresh when a whole file lies in a feed's folder, or a landed delivery waits for its release.

    It asks again until nothing waits, whatever became of the run that it asked for: after a minute, then after twice as
    long each time, and at least once an hour. What a gate refused waits for a person, and is not asked for again.
    """

    @dg.sensor(
        name="waiting_delivery",
        job=REFRESH,
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.STOPPED,
        description="Starts a refresh when a whole file lies in the inbox, or a landed one is not yet released; asks"
        " again until nothing waits.",
    )
    def look(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        if context.instance.get_runs_count(dg.RunsFilter(job_name=REFRESH.name, statuses=UNDER_WAY)):
            return dg.SkipReason("A refresh is under way; what is left after it will be seen then.")
        waiting = waiting_in(Home(settings.home_dir), settings.inbox_dir, contracts, settings.engine)
        if not waiting.asks_for_a_refresh:
            return dg.SkipReason(waiting.said)
        now = dt.datetime.now(dt.UTC)
        asked = _asked_before(context.cursor, waiting)
        if asked and now < asked["next_at"]:
            return dg.SkipReason(
                f"{waiting.said} Asked for before; asked again at {asked['next_at']:%H:%M} UTC."
            )
        wait = min(asked["wait"] * 2, LONGEST_WAIT) if asked else dt.timedelta(minutes=1)
        return dg.SensorResult(
            run_requests=[dg.RunRequest(tags={"srp/why": waiting.said})],
            cursor=json.dumps(
                {"what": waiting.key, "next_at": (now + wait).isoformat(), "wait": wait.total_seconds()}
            ),
        )

    return look


def _asked_before(cursor: str | None, waiting: Waiting) -> dict[str, Any] | None:
    """When the same waiting files were last asked for; None where they were not."""
    said = json.loads(cursor) if cursor else {}
    if said.get("what") != waiting.key:
        return None
    return {
        "next_at": dt.datetime.fromisoformat(said["next_at"]),
        "wait": dt.timedelta(seconds=said["wait"]),
    }
