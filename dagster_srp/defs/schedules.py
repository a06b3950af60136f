"""Schedules: when a refresh is started by the clock.

What belongs here: times. What does not: what is run (jobs), or what starts it when something happens (sensors).
Dagster's documentation calls this concept "Schedules", under Automate.
"""

from collections.abc import Mapping

import dagster as dg

from dagster_srp.contracts import Contract
from dagster_srp.defs.jobs import REFRESH
from dagster_srp.home import Home
from dagster_srp.report.status import waiting_in
from dagster_srp.settings import Settings


def daily_refresh(settings: Settings, contracts: Mapping[str, Contract]) -> dg.ScheduleDefinition:
    """A refresh every morning, where anything waits: a run with nothing to do would leave every check skipped."""

    @dg.schedule(
        name="daily_refresh",
        job=REFRESH,
        cron_schedule="0 6 * * *",
        execution_timezone="Europe/London",
        default_status=dg.DefaultScheduleStatus.STOPPED,
        description="A refresh every morning at 06:00 by local time, summer and winter, where a file waits or a landed"
        " one is not yet released. Stopped until somebody starts it.",
    )
    def look(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        waiting = waiting_in(Home(settings.home_dir), settings.inbox_dir, contracts, settings.engine)
        return dg.RunRequest() if waiting.asks_for_a_refresh else dg.SkipReason(waiting.said)

    return look
