"""Resources: what the steps of one run share, which is the refresh itself and the home's lock.

What belongs here: making the refresh from the settings , holding the lock from the first
step to the last, and refusing a step out of its order. What does not: the steps (dagster_srp.refresh), or any
connection; each step opens and closes its own, because a DuckDB file has one writer.
Dagster's documentation calls this concept "External resources", under Build.
"""

import logging
import os
from collections.abc import Iterator

import dagster as dg

from dagster_srp.building import DbtOutcome
from dagster_srp.errors import AnotherRefresh
from dagster_srp.landing.ledger import Delivery
from dagster_srp.refresh import Refresh, Watcher
from dagster_srp.settings import Settings

PREPARED = "prepare"


class RefreshRun:
    """The refresh that one run carries out, and which of its steps have been begun."""

    def __init__(self, settings: Settings, log: logging.Logger) -> None:
        self._log = log
        self._begun: set[str] = set()
        watcher = Watcher(on_step=self._step, on_delivery=self._delivery, on_node=self._node)
        self.refresh = Refresh(settings, None, watcher)

    def after(self, step: str) -> Refresh:
        """The refresh, if `step` went before in this run: nothing is built unjudged, and nothing is released ungated."""
        begun = self._begun | ({PREPARED} if self.refresh.plan else set())
        if step not in begun:
            raise dg.Failure(
                f"The step '{step}' has not been done in this run, and this one needs it. A refresh is whole or not at"
                " all: launch the job 'refresh'. Only raw assets may be materialised by themselves.",
                allow_retries=False,
            )
        return self.refresh

    def _step(self, step: str) -> None:
        self._begun.add(step)
        self._log.info(step)

    def _delivery(self, delivery: Delivery) -> None:
        self._log.info(
            f"{delivery.feed}/{delivery.file_name}: {delivery.state}, {delivery.rows_read:,} rows read,"
            f" {delivery.accepted:,} accepted, {delivery.quarantined:,} quarantined"
        )

    def _node(self, outcome: DbtOutcome) -> None:
        if outcome.kind == "model":
            self._log.debug(f"{outcome.unique_id}: {outcome.status}")


def refresh_resource(settings: Settings) -> dg.ResourceDefinition:
    """The run's refresh, of the present. The in-process executor makes it before the first step and ends it after the last.

    SRP_AS_AT does not reach it: assets show the current release, and a past moment's never becomes that.
    """

    @dg.resource(description="The refresh of this run; it holds the home's lock until the run ends.")
    def refresh(context: dg.InitResourceContext) -> Iterator[RefreshRun]:
        run = RefreshRun(settings, context.log or dg.get_dagster_logger())
        umask = os.umask(0o077)
        try:
            with run.refresh.lock():
                yield run
        except AnotherRefresh as error:
            raise dg.Failure(str(error), allow_retries=False) from None
        finally:
            os.umask(umask)

    return refresh
