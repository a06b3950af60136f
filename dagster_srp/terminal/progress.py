"""What the terminal shows while a refresh runs: a line that moves, and at once what a person must look at."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress
from rich.text import Text

from dagster_srp.building import DbtOutcome
from dagster_srp.landing import Landed
from dagster_srp.landing.ledger import Delivery
from dagster_srp.landing.messages import messages
from dagster_srp.refresh import Watcher

MOST_MESSAGES = 20
"""Kinds of message that a landing prints in whole."""


class Progress:
    """A spinner with the step, what it is at, and the time since it began."""

    def __init__(self, console: Console) -> None:
        self._progress = RichProgress(
            SpinnerColumn(),
            TextColumn("[bold]{task.description}"),
            BarColumn(bar_width=12),
            TextColumn("{task.fields[detail]}"),
            TimeElapsedColumn(),
            console=console,
            transient=not console.is_terminal,
        )
        self._task = self._progress.add_task("refresh", total=None, detail="")
        self._console = console

    @property
    def watcher(self) -> Watcher:
        """The callbacks that move the line."""
        return Watcher(
            on_step=self._step, on_delivery=self._delivery, on_landed=self._landed, on_node=self._node
        )

    def __enter__(self) -> Progress:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.update(self._task, total=1, completed=1, detail="")
        self._progress.stop()

    def _step(self, step: str) -> None:
        if not self._console.is_terminal:
            self._console.print(f"[dim]{step} ...[/]")
        self._progress.update(self._task, description=step, detail="")

    def _delivery(self, delivery: Delivery) -> None:
        self._progress.update(self._task, detail=f"{delivery.feed} {delivery.rows_read:,} rows")

    def _landed(self, landed: Landed) -> None:
        """Said at once, whatever becomes of the refresh: what was left, what had come before, what is held and why."""
        found = messages(landed)
        for message in found[:MOST_MESSAGES]:
            first, *others = message.lines()
            self._console.print(Text(first, style="yellow"))
            self._console.print(*(Text(line) for line in others), sep="\n", end="\n" if others else "")
        if len(found) > MOST_MESSAGES:
            self._console.print(Text(f"and {len(found) - MOST_MESSAGES:,} more kinds of message."))
        if any(delivery.state == "held" for delivery in landed.deliveries):
            self._console.print(Text("`srp deliveries --held` lists every held delivery with its reasons."))
        if any(delivery.state == "doubted" for delivery in landed.deliveries):
            self._console.print(Text("`srp decide` lists every delivery that waits for a decision."))

    def _node(self, outcome: DbtOutcome) -> None:
        self._progress.update(self._task, detail=outcome.unique_id.split(".")[-1][:40])
