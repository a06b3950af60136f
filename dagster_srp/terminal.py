"""What the terminal shows of a refresh: a line that moves while it runs, and closing tables."""

from __future__ import annotations

from dataclasses import asdict
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress
from rich.table import Table

from dagster_srp.building import DbtOutcome
from dagster_srp.home import Home
from dagster_srp.landing import Landed
from dagster_srp.landing.ledger import Delivery
from dagster_srp.refresh import Refreshed, Watcher


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
        """Told at once, whatever becomes of the refresh: what was left, what was known, and what is held and why."""
        for problem in landed.problems:
            self._console.print(f"[yellow]{escape(problem.where)}[/]: {escape(problem.what)}")
        for repeat in landed.repeats:
            self._console.print(f"[dim]{escape(repeat)}: nothing to do.[/]")
        for delivery in landed.deliveries:
            if delivery.state == "held":
                self._console.print(f"[bold red]Held: {delivery.feed}/{escape(delivery.file_name)}[/]")
                for reason in delivery.reasons:
                    self._console.print(f"  {escape(reason)}")

    def _node(self, outcome: DbtOutcome) -> None:
        self._progress.update(self._task, detail=outcome.unique_id.split(".")[-1][:40])


def refreshed_payload(refreshed: Refreshed) -> dict[str, Any]:
    """The refresh as plain values, for --json."""
    return {
        "current": refreshed.current,
        "released": refreshed.release is not None,
        "release": asdict(refreshed.release) if refreshed.release else None,
        "deliveries": [asdict(d) for d in refreshed.landed.deliveries],
        "repeats": refreshed.landed.repeats,
        "problems": [asdict(p) for p in refreshed.landed.problems],
        "pruned": refreshed.pruned,
    }


def closing_tables(refreshed: Refreshed, home: Home) -> list[Table]:
    """What landed, and what was released."""
    tables = []
    if refreshed.landed.deliveries:
        tables.append(_landed(refreshed.landed.deliveries))
    tables.append(_release(refreshed, home))
    return tables


def _landed(deliveries: list[Delivery]) -> Table:
    table = Table(title="Landed", title_justify="left", header_style="bold")
    table.add_column("feed")
    for name in ("deliveries", "held", "rows read", "accepted", "quarantined"):
        table.add_column(name, justify="right")
    for feed in sorted({d.feed for d in deliveries}):
        mine = [d for d in deliveries if d.feed == feed]
        held = sum(d.state == "held" for d in mine)
        counts = (
            sum(d.rows_read for d in mine),
            sum(d.accepted for d in mine),
            sum(d.quarantined for d in mine),
        )
        table.add_row(feed, str(len(mine)), str(held) if held else "", *(f"{count:,}" for count in counts))
    return table


def _release(refreshed: Refreshed, home: Home) -> Table:
    manifest = refreshed.release
    if manifest is None:
        table = Table(title="Nothing new", title_justify="left", show_header=False)
        table.add_row("current release", refreshed.current or "none yet")
        return table
    folder = home.releases / manifest.release_id
    table = Table(
        title="Released" if manifest.as_at is None else "Released as-at",
        title_justify="left",
        show_header=False,
    )
    table.add_row("release", manifest.release_id + ("  (DEMO: synthetic people)" if manifest.is_demo else ""))
    if manifest.as_at:
        table.add_row("as at", manifest.as_at)
        table.add_row(
            "current release", f"{refreshed.current or 'none yet'} (an as-at release never becomes current)"
        )
    table.add_row("known at", str(manifest.known_at))
    table.add_row("tables", f"{len(manifest.tables)}, {sum(t.rows for t in manifest.tables):,} rows")
    table.add_row("gates", ", ".join(f"{count} {name}" for name, count in manifest.gates.items()))
    table.add_row("dbt", ", ".join(f"{count} {name}" for name, count in manifest.dbt.items()))
    for warning in manifest.warnings:
        table.add_row("warning", warning.replace("[", r"\["))
    table.add_row(
        "open", f"duckdb -readonly {home.released if manifest.as_at is None else folder}/srp.duckdb"
    )
    return table
