"""The `srp` command: thin verbs over the same functions that Dagster's assets call.

Exit codes: 0 done; 1 a gate refused, and the current release stands; 2 wrong use or configuration; 3 another refresh
is running.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated, Any

import duckdb
import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from dagster_srp.access import NoSuchGroup, readers_of
from dagster_srp.duck import open_file, records
from dagster_srp.home import AnotherRefresh, Home, WrongHome
from dagster_srp.release.vintages import PARTS
from dagster_srp.settings import Settings, collect_garbage_rarely
from dagster_srp.tables import cell, plain, table_of, table_of_records, triangle

DONE, REFUSED, WRONG_USE, BUSY = 0, 1, 2, 3
PIPED_WIDTH = 160
"""Columns of a table that goes to a file or another program, where no terminal says how wide it is."""

app = typer.Typer(
    name="srp",
    help="The Safer Rotherham warehouse: land, build, gate and release partners' extracts.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
out = Console(highlight=False, width=None if sys.stdout.isatty() else PIPED_WIDTH)
err = Console(stderr=True, highlight=False)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]


def main() -> None:
    """Runs the command; the entry point that pyproject names."""
    collect_garbage_rarely()
    os.umask(0o077)
    with _exit_codes():
        app()


@contextmanager
def _exit_codes() -> Iterator[None]:
    from dagster_srp.building import DbtFailed
    from dagster_srp.gates import GateBroken, SuiteError
    from dagster_srp.refresh import GateRefused

    try:
        yield
    except (GateRefused, GateBroken, SuiteError, DbtFailed) as error:
        err.print(f"[bold red]Refused.[/] {plain(str(error))}\nThe current release stands.")
        raise SystemExit(REFUSED) from None
    except AnotherRefresh as error:
        err.print(f"[yellow]{plain(str(error))}[/]")
        raise SystemExit(BUSY) from None
    except (WrongHome, NoSuchGroup, ValidationError, LookupError) as error:
        err.print(f"[red]{plain(str(error))}[/]")
        raise SystemExit(WRONG_USE) from None
    except (duckdb.Error, OSError) as error:
        err.print(
            f"[bold red]Stopped: {plain(str(error).splitlines()[0])}[/]\nNothing is lost and the current release"
            " stands. Free some room (see SRP_HOME), and run it again."
        )
        raise SystemExit(REFUSED) from None


def _settings() -> Settings:
    # every setting has a default or comes from the environment, which mypy cannot see
    return Settings()  # type: ignore[call-arg]


def _home() -> Home:
    home = Home(_settings().home_dir)
    if not home.exists:
        raise WrongHome(f"There is no home at {home.root}. `srp refresh` makes one; SRP_HOME says where.")
    return home


def _show(as_json: bool, payload: Any, *tables: Table) -> None:
    if as_json:
        out.print_json(json.dumps(payload, default=str))
    else:
        for table in tables:
            out.print(table)


@app.command()
def demo(
    scale: Annotated[float, typer.Option(help="How many times the usual number of records.")] = 1.0,
    seed: Annotated[int, typer.Option(help="The same seed writes the same bytes.")] = 20160401,
    once: Annotated[bool, typer.Option("--once", help="Write nothing where the demo home exists.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write several years of plainly synthetic extracts into a demo home's inbox."""
    from dagster_srp.demo import write_demo

    settings = _settings()
    home = Home(settings.home_dir)
    is_there = home.exists
    home.make(demo=True, inbox=settings.inbox_dir)
    if once and is_there:
        return
    written = write_demo(settings.inbox_dir, scale=scale, seed=seed)
    by_feed: dict[str, list[int]] = {}
    for extract in written:
        by_feed.setdefault(extract.feed, []).append(extract.rows)
    rows = [(feed, len(counts), sum(counts)) for feed, counts in sorted(by_feed.items())]
    payload = [{"feed": feed, "files": files, "rows": count} for feed, files, count in rows]
    _show(
        as_json, payload, table_of(f"Demo extracts in {settings.inbox_dir}", ["feed", "files", "rows"], rows)
    )


@app.command()
def refresh(
    as_at: Annotated[
        dt.datetime | None, typer.Option("--as-at", help="Build only from deliveries extracted up to then.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Land what waits, build the marts, gate them, and release them."""
    from dagster_srp.terminal import Progress, closing_tables, refreshed_payload

    settings = _settings()
    if as_at is None:
        as_at = settings.as_at
    with Progress(err) as progress:
        from dagster_srp.refresh import Refresh

        refreshed = Refresh(settings, as_at, progress.watcher).run()
    held = [d for d in refreshed.landed.deliveries if d.state == "held"]
    _show(as_json, refreshed_payload(refreshed), *closing_tables(refreshed, Home(settings.home_dir)))
    if held and refreshed.release is None:
        raise SystemExit(REFUSED)


@app.command()
def status(as_json: AsJson = False) -> None:
    """Say which release is current, what it is made of, and what waits."""
    from dagster_srp.contracts import load_contracts
    from dagster_srp.landing.inbox import scan_inbox
    from dagster_srp.release import current_release_id, read_manifest

    home, settings = _home(), _settings()
    current = current_release_id(home)
    waiting = scan_inbox(settings.inbox_dir, load_contracts().keys(), 0.0)
    facts: dict[str, Any] = {
        "home": str(home.root),
        "is_demo": home.is_demo,
        "readable_by": readers_of(home.releases),
        "current": current,
        "released_file": str(home.released / "srp.duckdb") if current else None,
        "waiting_files": len(waiting.ready),
        "unfinished_files": len(waiting.unfinished),
    }
    if current:
        manifest = read_manifest(home.releases / current / "manifest.json")
        facts |= {
            "made_at": manifest.made_at,
            "known_at": manifest.known_at,
            "deliveries": sum(d.state == "accepted" for d in manifest.deliveries),
            "held": sum(d.state == "held" for d in manifest.deliveries),
            "warnings": len(manifest.warnings),
        }
    _show(
        as_json, facts, table_of("Status", ["", ""], [(name, cell(value)) for name, value in facts.items()])
    )


@app.command()
def share(
    group: Annotated[str | None, typer.Argument(help="A group of this machine's accounts.")] = None,
    nobody: Annotated[bool, typer.Option("--nobody", help="Nobody but the owner, as in a new home.")] = False,
    as_json: AsJson = False,
) -> None:
    """Let one group read what is released; everything else stays the owner's alone."""
    if (group is None) != nobody:
        raise LookupError("Name one group, as in `srp share analysts`, or say `srp share --nobody`.")
    home = _home()
    home.share(group)
    readers = readers_of(home.releases)
    _show(as_json, {"readable_by": readers}, table_of("Shared", ["", ""], [("readable_by", readers)]))


@app.command()
def deliveries(
    feed: Annotated[str | None, typer.Argument(help="Only this feed.")] = None, as_json: AsJson = False
) -> None:
    """List every delivery and what became of its rows."""
    names = [
        "no",
        "feed",
        "file",
        "extracted at",
        "read",
        "accepted",
        "quarantined",
        "state",
        "reasons",
        "warnings",
    ]
    rows = _landing_query(
        "select delivery_no, feed, file_name, extracted_at, rows_read_count, accepted_count, quarantined_count, state,"
        " reasons, warnings from ledger.deliveries where $1::varchar is null or feed = $1"
        " order by feed, extracted_at, sha256",
        [feed],
    )
    _show(as_json, [dict(zip(names, row, strict=True)) for row in rows], table_of("Deliveries", names, rows))


@app.command()
def quarantine(
    feed: Annotated[str | None, typer.Argument(help="Only this feed.")] = None, as_json: AsJson = False
) -> None:
    """Say which rows broke their contract, by rule; the rows themselves stay in the restricted warehouse."""
    from dagster_srp.contracts import load_contracts

    contracts = load_contracts()
    if feed is not None and feed not in contracts:
        raise LookupError(f"No feed {feed!r}. There are: {', '.join(contracts)}.")
    query = " union all ".join(
        f"select '{name}' as feed, _delivery_no, _line, unnest(reasons) as reason from quarantine.{name}"
        for name in ([feed] if feed else contracts)
    )
    names = ["feed", "file", "state", "rule", "rows", "lines"]
    rows = _landing_query(
        "select q.feed, d.file_name, d.state, q.reason, count(*), list(q._line order by q._line)[:5]"
        f" from ({query}) as q join ledger.deliveries as d on q._delivery_no = d.delivery_no"
        " group by all order by q.feed, d.file_name, q.reason",
        [],
    )
    _show(as_json, [dict(zip(names, row, strict=True)) for row in rows], table_of("Quarantine", names, rows))


def _landing_query(query: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    path = _home().workplace.landing
    if not path.exists():
        raise WrongHome("Nothing has landed yet: run `srp refresh`.")
    with open_file(path, _settings().engine) as connection:
        return connection.execute(query, parameters).fetchall()


@app.command()
def reconcile(as_json: AsJson = False) -> None:
    """Hold every published figure beside ours, and say which claims hold."""
    figures = _released_query(
        "select kind, reference, coalesce(indicator_id, offence_group) as what, area_code, period_start, published_value,"
        " our_value, difference, tolerance_pct, holds, reason from marts.reconciliation"
        " order by kind, what, period_start, area_code"
    )
    changes = _released_query(
        "select indicator_id, period_start, published_change_pct, our_change_pct, holds from marts.published_changes"
        " order by indicator_id, period_start"
    )
    claims = _released_query(
        "select claim_id, sentence, claimed_value, true_value, holds from marts.claims_check order by claim_id"
    )
    equal = sum(bool(row["holds"]) for row in figures)
    tables = [
        table_of_records(f"Published figures beside ours: {equal} of {len(figures)} hold", figures),
        table_of_records("Percentage changes as printed", changes),
        table_of_records("Claims", claims),
    ]
    _show(as_json, {"figures": figures, "changes": changes, "claims": claims}, *tables)


@app.command()
def explain(
    indicator: Annotated[str, typer.Argument(help="An indicator's id.")],
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

    told = explain_figure(_home(), indicator, period, area, _settings().engine)
    register = told.register
    facts = [
        ("title", register["title"]),
        ("definition", register["definition"]),
        ("numerator", register["numerator"]),
        ("denominator", register["denominator"]),
        ("date basis", register["date_basis"]),
        ("owner", register["owner_partner"]),
        ("source", register["source"]),
        ("release", told.release_id + (" (DEMO: synthetic people)" if told.is_demo else "")),
        ("SQL model", told.model),
        ("rule", told.rule),
        ("rows (restricted)", told.rows_query),
    ]
    caveats = told.caveats or [{"caveat_text": register["no_caveat_reason"] or "none registered"}]
    _show(
        as_json,
        asdict(told),
        table_of(indicator, ["", ""], facts),
        table_of_records("Values", told.values),
        table_of_records("Caveats", caveats),
        table_of_records("Earlier vintages", told.vintages),
        table_of_records(
            f"Deliveries behind it: {len(told.deliveries)}, the latest ten", told.deliveries[-10:]
        ),
    )


@app.command()
def vintages(
    indicator: Annotated[str, typer.Argument(help="An indicator's id.")],
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
    if between is not None:
        parts = ", ".join(f"sum({part}) as {part}" for part in ("change", *PARTS))
        rows = _released_query(
            f"select period_start, area_code, {parts} from marts.indicator_vintages where indicator_id = $1 and"
            " period_type = $2 and ($3::varchar is null or area_code = $3) and as_at is null and release_id > $4"
            " and release_id <= $5 group by all having sum(change) <> 0 order by all",
            [indicator, period_type, area, *sorted(between)],
        )
        _show(as_json, rows, table_of_records(f"{indicator} from {between[0]} to {between[1]}", rows))
        return
    rows = _released_query(
        "select period_start, area_type, area_code, release_id, known_at, as_at, value, maturity, change, rows_added,"
        " rows_restated, rows_withdrawn, definition_changed, code_changed, lookups_changed from marts.indicator_vintages"
        " left join marts.dim_area using (area_type, area_code)"
        " where indicator_id = $1 and period_type = $2 and ($3::varchar is null or area_code = $3)"
        " order by role is distinct from 'home', area_type, area_code, period_start, release_id",
        [indicator, period_type, area],
    )
    if not rows:
        raise LookupError(
            f"No vintage of {indicator!r} by {period_type}. `srp explain {indicator}` says what there is."
        )
    first = rows[0]["area_code"]
    rows = [row for row in rows if row["area_code"] == first]
    table = (
        table_of_records("Why it moved", [row for row in rows if row["change"]])
        if reasons
        else triangle(indicator, rows)
    )
    _show(as_json, rows, table)


@app.command()
def rebuild(
    release: Annotated[str, typer.Argument(help="A release's id, such as r0001.")], as_json: AsJson = False
) -> None:
    """Make an old release again from the archive, and compare every table."""
    from dagster_srp.release.rebuild import rebuild as rebuild_release

    home = _home()
    with home.lock():
        rebuilt = rebuild_release(home, release)
    rows = [
        (t.table, t.released.rows if t.released else None, t.rebuilt.rows if t.rebuilt else None, t.is_equal)
        for t in rebuilt.tables
    ]
    title = f"{release}: {'every table is equal' if rebuilt.is_equal else 'DIFFERS'}"
    _show(
        as_json, asdict(rebuilt), table_of(title, ["table", "released rows", "rebuilt rows", "equal"], rows)
    )
    if not rebuilt.is_equal:
        raise SystemExit(REFUSED)


def _released_query(query: str, parameters: list[Any] | None = None) -> list[dict[str, Any]]:
    path = _home().released / "srp.duckdb"
    if not path.exists():
        raise WrongHome("Nothing is released yet: run `srp refresh`.")
    with open_file(path.resolve(), _settings().engine) as connection:
        return records(connection, query, parameters)


if __name__ == "__main__":
    main()
