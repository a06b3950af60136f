"""Resources: what the steps of one run share, which is the refresh itself and the home's lock.

What belongs here: making the refresh from the settings and the launchpad's `as_at`, holding the lock from the first
step to the last, and refusing a step out of its order. What does not: the steps (dagster_srp.refresh), or any
connection; each step opens and closes its own, because a DuckDB file has one writer.
Dagster's documentation calls this concept "External resources", under Build.
"""

import datetime as dt
import logging
import os
from collections.abc import Iterator

import dagster as dg

from dagster_srp.building import DbtOutcome
from dagster_srp.errors import AnotherRefresh, WrongMoment
from dagster_srp.landing.ledger import Delivery
from dagster_srp.moments import parse_as_at
from dagster_srp.refresh import Refresh, Watcher
from dagster_srp.settings import Settings

PREPARED = "prepare"


class RefreshRun:
    """The refresh that one run carries out, and which of its steps have been begun."""

    def __init__(self, settings: Settings, as_at: dt.datetime | None, log: logging.Logger) -> None:
        self._log = log
        self._begun: set[str] = set()
        watcher = Watcher(on_step=self._step, on_delivery=self._delivery, on_node=self._node)
        self.refresh = Refresh(settings, as_at, watcher)

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
    """The run's refresh. The in-process executor makes it before the first step and ends it after the last."""

    @dg.resource(
        config_schema={"as_at": dg.Field(str, is_required=False, description=AS_AT)},
        description="The refresh of this run; it holds the home's lock until the run ends.",
    )
    def refresh(context: dg.InitResourceContext) -> Iterator[RefreshRun]:
        as_at = _moment(context.resource_config.get("as_at"), settings.as_at)
        run = RefreshRun(settings, as_at, context.log or dg.get_dagster_logger())
        umask = os.umask(0o077)
        try:
            with run.refresh.lock():
                yield run
        except AnotherRefresh as error:
            raise dg.Failure(str(error), allow_retries=False) from None
        finally:
            os.umask(umask)

    return refresh


AS_AT = (
    "Build only from deliveries extracted up to this moment, such as 2017-03-31T23:59:59. Leave out for now."
)


def _moment(text: str | None, otherwise: dt.datetime | None) -> dt.datetime | None:
    if not text:
        return otherwise
    try:
        return parse_as_at(text)
    except WrongMoment as error:
        raise dg.Failure(f"{error} {error.next_step}", allow_retries=False) from None
