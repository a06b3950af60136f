"""The `srp` command: thin verbs over the same functions that Dagster's assets call.

Exit codes: 0 done; 1 a gate refused or something stopped the verb, and the current release stays current; 2 wrong use or
configuration; 3 another refresh is running; 130 interrupted. What is printed, and how a verb ends, is the terminal's room.
"""

from __future__ import annotations

import datetime as dt
import getpass
import json
import os
import re
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from dagster_srp.access import readers_of
from dagster_srp.errors import REFUSED, WrongHome, WrongMoment, WrongUse
from dagster_srp.home import Home
from dagster_srp.settings import collect_garbage_rarely, read_settings
from dagster_srp.terminal.consoles import err, out
from dagster_srp.terminal.exits import Verbs, note_interrupts
from dagster_srp.terminal.tables import Rows, Whole, facts, of_records, triangle

app = typer.Typer(
    name="srp",
    cls=Verbs,
    help="The Safer Rotherham warehouse: land, build, gate and release partners' extracts.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]


def main() -> None:
    """Runs the command; the entry point that pyproject names."""
    collect_garbage_rarely()
    os.umask(0o077)
    note_interrupts()
    app()


def _print_version(is_asked: bool) -> None:
    if is_asked:
        from dagster_srp.building import code_version

        commit = code_version().commit
        out.print(
            f"srp {version('safer-rotherham-warehouse')}, {f'commit {commit[:10]}' if commit else 'no commit'}"
        )
        raise typer.Exit


@app.callback()
def options(
    shows_version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end."),
    ] = False,
) -> None:
    """What holds for every verb."""


def complete_feeds(incomplete: str) -> list[str]:
    """The feeds that begin so, for the shell."""
    from dagster_srp.contracts.load import CONTRACTS_DIR

    names = sorted(path.name.split(".")[0] for path in CONTRACTS_DIR.glob("*.odcs.yaml"))
    return [name for name in names if name.startswith(incomplete)]


def complete_indicators(incomplete: str) -> list[str]:
    """The indicators that begin so, for the shell."""
    import csv

    from dagster_srp.building.code import PROJECT_ROOT

    with (PROJECT_ROOT / "seeds" / "indicators.csv").open(encoding="utf-8", newline="") as stream:
        names = {row["indicator_id"] for row in csv.DictReader(stream)}
    return sorted(name for name in names if name.startswith(incomplete))


Feed = Annotated[str | None, typer.Argument(help="Only this feed.", autocompletion=complete_feeds)]
Indicator = Annotated[str, typer.Argument(help="An indicator's id.", autocompletion=complete_indicators)]


def _home() -> Home:
    home = Home(read_settings().home_dir)
    if not home.exists:
        raise WrongHome(f"There is no home at {home.root}.", "`srp refresh` makes one; SRP_HOME says where.")
    return home


def _show(as_json: bool, payload: Any, *shown: Rows | str) -> None:
    """JSON and nothing else, or tables and lines."""
    if as_json:
        out.print_json(json.dumps(payload, default=str))
        return
    for one in shown:
        if isinstance(one, str):
            out.print(Text(one), soft_wrap=isinstance(one, Whole))
        else:
            out.print(one)


def _month(text: str | None) -> dt.date | None:
    if text is None:
        return None
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text):
        raise WrongMoment(f"{text!r} is no month.", "Write it as 2025-03.")
    return dt.date(int(text[:4]), int(text[5:]), 1)


@app.command()
def demo(
    scale: Annotated[float, typer.Option(help="How many times the usual number of records.")] = 1.0,
    seed: Annotated[int, typer.Option(help="The same seed writes the same bytes.")] = 20160401,
    once: Annotated[bool, typer.Option("--once", help="Write nothing where the demo home exists.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write several years of plainly synthetic extracts into a demo home's inbox."""
    from dagster_srp.demo import write_demo

    settings = read_settings()
    home = Home(settings.home_dir)
    is_there = home.exists
    home.make(demo=True, inbox=settings.inbox_dir)
    if once and is_there:
        _show(as_json, [], f"The demo home {home.root} exists: nothing was written.")
        return
    try:
        written = write_demo(settings.inbox_dir, scale=scale, seed=seed)
    except ValueError as error:
        raise WrongUse(f"{error}.") from None
    by_feed: dict[str, list[int]] = {}
    for extract in written:
        by_feed.setdefault(extract.feed, []).append(extract.rows)
    rows = [{"feed": f, "files": len(counts), "rows": sum(counts)} for f, counts in sorted(by_feed.items())]
    table = of_records("Demo extracts", rows)
    _show(as_json, rows, table, Whole(f"They are in {settings.inbox_dir}"), "Next: srp refresh")


@app.command()
def refresh(
    as_at: Annotated[
        str | None,
        typer.Option(
            "--as-at", metavar="MOMENT", help="Build only from deliveries extracted up to then (UTC)."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Land what waits, build the marts, gate them, and release them."""
    from dagster_srp.moments import parse_as_at

    settings = read_settings()
    moment = settings.as_at if as_at is None else parse_as_at(as_at)
    from dagster_srp.terminal.progress import Progress
    from dagster_srp.terminal.refreshed import closing, refreshed_payload
    from dagster_srp.terminal.told import tell_dagster

    with Progress(err) as progress:
        from dagster_srp.refresh import Refresh

        refreshed = Refresh(settings, moment, progress.watcher).run()
    held = [d for d in refreshed.landed.deliveries if d.state == "held"]
    home = Home(settings.home_dir)
    _show(as_json, refreshed_payload(refreshed), *closing(refreshed, home))
    if refreshed.release and moment is None and (failed := tell_dagster(home)):
        err.print(failed)
    if held and refreshed.release is None:
        raise SystemExit(REFUSED)


@app.command()
def status(as_json: AsJson = False) -> None:
    """Say which release is current, how the last refresh ended, what waits, and what to do next."""
    from dagster_srp.contracts import load_contracts
    from dagster_srp.report.status import status_of
    from dagster_srp.terminal.state import status_tables

    settings = read_settings()
    state = status_of(_home(), settings.inbox_dir, load_contracts(), settings.engine)
    _show(as_json, asdict(state), *status_tables(state))


@app.command()
def history(as_json: AsJson = False) -> None:
    """List every attempt to refresh, how it ended and why."""
    from dagster_srp.attempts import attempts
    from dagster_srp.terminal.state import history_table

    found = attempts(_home().root)
    _show(as_json, [asdict(attempt) for attempt in found], history_table(found))


@app.command()
def share(
    group: Annotated[str | None, typer.Argument(help="A group of this machine's accounts.")] = None,
    nobody: Annotated[bool, typer.Option("--nobody", help="Nobody but the owner, as in a new home.")] = False,
    as_json: AsJson = False,
) -> None:
    """Let one group read what is released; everything else stays the owner's alone."""
    if (group is None) != nobody:
        raise WrongUse("Neither a group nor --nobody, or both.", "Run `srp share analysts`, for example.")
    home = _home()
    home.share(group)
    readers = {"readable_by": readers_of(home.releases)}
    _show(as_json, readers, facts("Shared", readers))


@app.command()
def releases(
    release: Annotated[str | None, typer.Argument(help="Only this one, with its warnings.")] = None,
    as_json: AsJson = False,
) -> None:
    """List every release: when it was made, from how much, and whether its data are kept."""
    from dagster_srp.release.reading import releases as list_releases
    from dagster_srp.terminal.state import release_tables

    rows = list_releases(_home(), release)
    _show(as_json, rows, *release_tables(rows, is_one=release is not None))


@app.command()
def feeds(as_json: AsJson = False) -> None:
    """List what partners send: each feed with its partner, how often, and how a new delivery restates the old."""
    from dagster_srp.contracts import load_contracts

    rows = [
        {
            "feed": contract.feed,
            "partner": contract.partner,
            "every_months": contract.cadence_months,
            "restates_by": contract.restates_by,
            "formats": list(contract.file_formats),
            "contract": contract.version,
            "a_row_is": contract.row_meaning,
        }
        for contract in load_contracts().values()
    ]
    table = of_records("Feeds", rows, "feed", "every_months", "restates_by", "a_row_is")
    _show(as_json, rows, table, Whole(f"Put a feed's files into {read_settings().inbox_dir}/<feed>/"))


@app.command()
def draft(
    feed: Annotated[str, typer.Argument(help="The feed's name, <partner>_<subject>.")],
    files: Annotated[
        list[Path],
        typer.Argument(exists=True, dir_okay=False, help="Sample files, as the partner sends them."),
    ],
    into: Annotated[Path, typer.Option(help="The folder of the draft.")] = Path(),
    as_json: AsJson = False,
) -> None:
    """Write a feed's first contract from sample files; where there is one, say how the samples differ from it."""
    from dagster_srp.terminal.drafted import drafted

    payload, shown = drafted(feed, files, into)
    _show(as_json, payload, *shown)


@app.command()
def indicators(
    theme: Annotated[str | None, typer.Argument(help="Only this theme.")] = None, as_json: AsJson = False
) -> None:
    """List the registered indicators of the current release."""
    from dagster_srp.release.reading import indicators as list_indicators

    rows = list_indicators(_home(), theme, read_settings().engine)
    tables = [
        of_records(name, [row for row in rows if row["theme"] == name], "indicator_id", "title", "unit")
        for name in sorted({row["theme"] for row in rows})
    ]
    _show(as_json, rows, *tables, "Next: srp explain INDICATOR, srp vintages INDICATOR")


@app.command()
def deliveries(
    feed: Feed = None,
    month: Annotated[
        str | None, typer.Option("--month", help="Extracted in that month, or about it: 2025-03.")
    ] = None,
    held: Annotated[bool, typer.Option("--held", help="Only held ones, with their reasons.")] = False,
    late: Annotated[bool, typer.Option("--late", help="Only the newest of each late feed.")] = False,
    latest: Annotated[bool, typer.Option("--latest", help="Only the newest of each feed.")] = False,
    as_json: AsJson = False,
) -> None:
    """List deliveries and what became of their rows."""
    from dagster_srp.contracts import load_contracts
    from dagster_srp.landing.reading import Asked
    from dagster_srp.landing.reading import deliveries as find_deliveries
    from dagster_srp.terminal.landed import delivery_tables

    asked = Asked(feed, _month(month), held, late, latest)
    rows = find_deliveries(_home(), load_contracts(), asked, read_settings().engine)
    _show(as_json, rows, *delivery_tables(rows, one_by_feed=late or latest))


@app.command()
def decide(
    delivery: Annotated[
        str | None,
        typer.Argument(
            help="Its number, its file name or the first digits of its sha256; or `release`, for what vanished from it."
        ),
    ] = None,
    verdict: Annotated[str | None, typer.Argument(help="accept or refuse.")] = None,
    because: Annotated[str, typer.Option(help="The reason; it is published beside the figures.")] = "",
    by: Annotated[str | None, typer.Option(help="Who decides; else the account that runs this.")] = None,
    history: Annotated[bool, typer.Option("--history", help="List every decision there was.")] = False,
    as_json: AsJson = False,
) -> None:
    """Accept or refuse a delivery, or list what waits for a decision."""
    from dagster_srp import deciding

    home, engine = _home(), read_settings().engine
    if delivery is None:
        rows = deciding.history(home, engine) if history else deciding.waiting(home, engine)
        title = "Decisions" if history else "Waiting for a decision"
        _show(as_json, rows, of_records(title, rows, folds=("file_name",)))
        return
    with home.lock():
        decided = deciding.decide(home, delivery, verdict or "", because, by or getpass.getuser(), engine)
    _show(as_json, decided, facts("Decided", decided), "`srp refresh` releases what follows from it.")


@app.command()
def quarantine(feed: Feed = None, as_json: AsJson = False) -> None:
    """Say which rows broke their contract, by rule; the rows themselves stay in the restricted warehouse."""
    from dagster_srp.contracts import load_contracts
    from dagster_srp.landing.reading import quarantine_counts
    from dagster_srp.terminal.landed import quarantine_tables

    rows = quarantine_counts(_home(), load_contracts(), feed, read_settings().engine)
    _show(as_json, rows, *quarantine_tables(rows))


@app.command()
def reconcile(as_json: AsJson = False) -> None:
    """Compare every published figure with ours, and say which claims hold."""
    from dagster_srp.release.reading import reconciliation
    from dagster_srp.terminal.compared import reconciliation_tables

    found = reconciliation(_home(), read_settings().engine)
    _show(as_json, {"counts": found.counts, **asdict(found)}, *reconciliation_tables(found))


@app.command()
def explain(
    indicator: Indicator,
    period: Annotated[
        str | None,
        typer.Option("--period", help="2016/17, 2016/17 Q1, 2016-04 or a first day; else the latest year."),
    ] = None,
    area: Annotated[
        str | None, typer.Option("--area", help="One area's code; else partnerships and force.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say who says a figure, from which rows, and by which rule."""
    from dagster_srp.report.explain import explain as explain_figure
    from dagster_srp.terminal.explained import explanation_tables

    found = explain_figure(_home(), indicator, period, area, read_settings().engine)
    _show(as_json, asdict(found), *explanation_tables(indicator, found))


@app.command()
def vintages(
    indicator: Indicator,
    period_type: Annotated[str, typer.Option(help="month, quarter, year or rolling_12m.")] = "quarter",
    area: Annotated[
        str | None, typer.Option("--area", help="One area's code; else the home partnership's.")
    ] = None,
    reasons: Annotated[bool, typer.Option("--reasons", help="Show why each value moved, in parts.")] = False,
    between: Annotated[
        tuple[str, str] | None,
        typer.Option("--between", help="Two releases: how each value moved from one to the other."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print the revision triangle: what each release said of each period."""
    from dagster_srp.release import reading
    from dagster_srp.terminal.compared import moved_table

    home, engine = _home(), read_settings().engine
    if between is not None:
        rows = reading.vintages_between(home, indicator, period_type, area, between, engine)
        shown: Sequence[Rows] = [moved_table(f"{indicator} from {between[0]} to {between[1]}", rows)]
    else:
        rows = reading.vintages(home, indicator, period_type, area, engine)
        moved = [row for row in rows if row["change"]]
        shown = [moved_table("Why it moved", moved)] if reasons else triangle(indicator, rows)
    _show(as_json, rows, *shown)


@app.command()
def rebuild(
    release: Annotated[str, typer.Argument(help="A release's id, such as r0001.")], as_json: AsJson = False
) -> None:
    """Make an old release again from the archive, and compare every table."""
    from dagster_srp.release.rebuild import rebuild as rebuild_release
    from dagster_srp.terminal.compared import rebuilt_table

    home = _home()
    with home.lock():
        rebuilt = rebuild_release(home, release)
    _show(as_json, asdict(rebuilt), rebuilt_table(rebuilt))
    if not rebuilt.is_equal:
        raise SystemExit(REFUSED)


if __name__ == "__main__":
    main()
