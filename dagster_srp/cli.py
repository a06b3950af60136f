"""The `srp` command: thin verbs over the same functions that Dagster's assets call.

Exit codes: 0 done; 1 a gate refused, and the current release stands; 2 wrong use or configuration; 3 another refresh
is running.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import duckdb
import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from dagster_srp.home import AnotherRefresh, Home, WrongHome
from dagster_srp.settings import Settings

DONE, REFUSED, WRONG_USE, BUSY = 0, 1, 2, 3

app = typer.Typer(
    name="srp",
    help="The Safer Rotherham warehouse: land, build, gate and release partners' extracts.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]


def main() -> None:
    """Runs the command; the entry point that pyproject names."""
    with _exit_codes():
        app()


@contextmanager
def _exit_codes() -> Iterator[None]:
    from dagster_srp.building import DbtFailed
    from dagster_srp.refresh import GateRefused

    try:
        yield
    except (GateRefused, DbtFailed) as error:
        err.print(f"[bold red]Refused.[/] {_plain(str(error))}\nThe current release stands.")
        raise SystemExit(REFUSED) from None
    except AnotherRefresh as error:
        err.print(f"[yellow]{_plain(str(error))}[/]")
        raise SystemExit(BUSY) from None
    except (WrongHome, ValidationError, LookupError) as error:
        err.print(f"[red]{_plain(str(error))}[/]")
        raise SystemExit(WRONG_USE) from None
    except (duckdb.IOException, duckdb.OutOfMemoryException, OSError) as error:
        err.print(
            f"[bold red]Stopped: {_plain(str(error).splitlines()[0])}[/]\nNothing is lost and the current release"
            " stands. Free some room (see SRP_HOME), and run it again."
        )
        raise SystemExit(REFUSED) from None


def _plain(text: str) -> str:
    return text.replace("[", r"\[")


def _settings() -> Settings:
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


def _table(title: str, columns: list[str], rows: list[tuple[Any, ...]]) -> Table:
    table = Table(title=title, title_justify="left", header_style="bold")
    for number, name in enumerate(columns):
        numeric = bool(rows) and isinstance(rows[0][number], int | float)
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    return table


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.2f}"
    if isinstance(value, list):
        return _plain("\n".join(str(item) for item in value))
    return _plain(str(value))


@app.command()
def demo(
    scale: Annotated[float, typer.Option(help="How many times the usual number of records.")] = 1.0,
    seed: Annotated[int, typer.Option(help="The same seed writes the same bytes.")] = 20160401,
    as_json: AsJson = False,
) -> None:
    """Write several years of plainly synthetic extracts into a demo home's inbox."""
    from dagster_srp.demo import write_demo

    settings = _settings()
    home = Home(settings.home_dir)
    home.make(demo=True)
    written = write_demo(settings.inbox_dir, scale=scale, seed=seed)
    by_feed: dict[str, list[int]] = {}
    for extract in written:
        by_feed.setdefault(extract.feed, []).append(extract.rows)
    rows = [(feed, len(counts), sum(counts)) for feed, counts in sorted(by_feed.items())]
    payload = [{"feed": feed, "files": files, "rows": count} for feed, files, count in rows]
    _show(as_json, payload, _table(f"Demo extracts in {settings.inbox_dir}", ["feed", "files", "rows"], rows))


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
    for problem in refreshed.landed.problems:
        err.print(f"[yellow]{_plain(problem.where)}[/]: {_plain(problem.what)}")
    for repeat in refreshed.landed.repeats:
        err.print(f"[dim]{_plain(repeat)}: nothing to do.[/]")
    held = [d for d in refreshed.landed.deliveries if d.state == "held"]
    for delivery in held:
        err.print(f"[bold red]Held: {delivery.feed}/{_plain(delivery.file_name)}[/]")
        for reason in delivery.reasons:
            err.print(f"  {_plain(reason)}")
    _show(as_json, refreshed_payload(refreshed), *closing_tables(refreshed, Home(settings.home_dir)))
    if held and refreshed.release is None:
        raise SystemExit(REFUSED)


@app.command()
def status(as_json: AsJson = False) -> None:
    """Say which release is current, what it is made of, and what waits."""
    from dagster_srp.landing.inbox import scan_inbox
    from dagster_srp.contracts import load_contracts
    from dagster_srp.release import current_release_id, read_manifest

    home, settings = _home(), _settings()
    current = current_release_id(home)
    waiting = scan_inbox(settings.inbox_dir, load_contracts().keys(), 0.0)
    facts: dict[str, Any] = {
        "home": str(home.root),
        "is_demo": home.is_demo,
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
    _show(as_json, facts, _table("Status", ["", ""], [(name, _cell(value)) for name, value in facts.items()]))


@app.command()
def deliveries(
    feed: Annotated[str | None, typer.Argument(help="Only this feed.")] = None, as_json: AsJson = False
) -> None:
    """List every delivery and what became of its rows."""
    names = ["no", "feed", "file", "extracted at", "read", "accepted", "quarantined", "state", "reasons", "warnings"]
    rows = _landing_query(
        "select delivery_no, feed, file_name, extracted_at, rows_read_count, accepted_count, quarantined_count, state,"
        " reasons, warnings from ledger.deliveries where $1::varchar is null or feed = $1"
        " order by feed, extracted_at, sha256",
        [feed],
    )
    _show(as_json, [dict(zip(names, row, strict=True)) for row in rows], _table("Deliveries", names, rows))


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
    _show(as_json, [dict(zip(names, row, strict=True)) for row in rows], _table("Quarantine", names, rows))


def _landing_query(query: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    path = _home().workplace.landing
    if not path.exists():
        raise WrongHome("Nothing has landed yet: run `srp refresh`.")
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(query, parameters).fetchall()


if __name__ == "__main__":
    main()
