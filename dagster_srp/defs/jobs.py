"""Jobs: a whole refresh of the present, and a release of what was known at the end of a quarter.

What belongs here: what is run together, how, and with which choices. What does not: when it is run (schedules, sensors).
Dagster's documentation calls this concept "Jobs"; the quarters are "Partitions", and several at once a "Backfill". The
executor is the in-process one: DuckDB has one writer, and so the steps are one process's.
"""

import datetime as dt

import dagster as dg

from dagster_srp.building import DbtFailed
from dagster_srp.defs.dbt import said_of_failure
from dagster_srp.defs.metadata import release_metadata
from dagster_srp.errors import WarehouseError
from dagster_srp.refresh import Refresh, Watcher
from dagster_srp.settings import Settings

REFRESH = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.all(),
    description="One refresh: land new deliveries, build, gate, release. Where nothing is new it stops after landing."
    " It is whole or not at all, because a figure may rest on any feed.",
    executor_def=dg.in_process_executor,
)
"""From a terminal: `dagster job execute -m dagster_srp.definitions -j refresh`."""

QUARTERS = dg.TimeWindowPartitionsDefinition(
    start="2015-04-01", cron_schedule="0 0 1 1,4,7,10 *", fmt="%Y-%m-%d", timezone="UTC"
)
"""Quarters by their first day; a release of a quarter knows what had been extracted by its last second."""


def release_as_at(settings: Settings) -> dg.JobDefinition:
    """The job that makes a release as at the end of a quarter.

    It makes no asset: such a release stands beside the current one, and what the assets show is of the current one.
    """

    @dg.op(description="Lands what waits, and builds and gates what was known at the end of the quarter.")
    def release_quarter(context: dg.OpExecutionContext) -> None:
        as_at = quarter_end(context.partition_time_window)
        watcher = Watcher(on_step=context.log.info)
        try:
            refreshed = Refresh(settings, as_at, watcher).run()
        except DbtFailed as failed:
            raise dg.Failure(said_of_failure(failed), allow_retries=False) from None
        except WarehouseError as error:
            raise dg.Failure(f"{error} {error.next_step}", allow_retries=False) from None
        if refreshed.release is not None:
            home = Refresh(settings).home
            context.add_output_metadata(release_metadata(home, refreshed.release, refreshed.pruned))

    @dg.job(
        name="release_as_at",
        partitions_def=QUARTERS,
        executor_def=dg.in_process_executor,
        description="A release of what was known at the end of a quarter, such as 2019-01-01 for January to March 2019."
        " It never becomes the current one. A backfill of several quarters makes one for each. For any other moment:"
        " `srp refresh --as-at 2019-02-14`.",
    )
    def job() -> None:
        release_quarter()

    return job


def quarter_end(window: dg.TimeWindow) -> dt.datetime:
    """The last second of a quarter, in UTC."""
    return window.end.astimezone(dt.UTC).replace(tzinfo=None) - dt.timedelta(seconds=1)
