"""Schedules: when a refresh is started by the clock.

What belongs here: times. What does not: what is run (jobs), or what starts it when something happens (sensors).
Dagster's documentation calls this concept "Schedules", under Automate.
"""

import dagster as dg

from dagster_srp.defs.jobs import REFRESH

DAILY_REFRESH = dg.ScheduleDefinition(
    name="daily_refresh",
    job=REFRESH,
    cron_schedule="0 6 * * *",
    execution_timezone="Europe/London",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="A refresh every morning at 06:00 by local time, summer and winter. Stopped until somebody starts it.",
)
