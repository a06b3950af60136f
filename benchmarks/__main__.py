"""Prints the tables of docs/benchmarks.md: `python -m benchmarks [--rows 1000000 ...] [--landing N] [--folder F]`."""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from pathlib import Path

import duckdb

from benchmarks.extracts import write_crimes, write_lookups, write_month
from benchmarks.measuring import Measured, machine, measure
from dagster_srp.contracts import load_contracts
from dagster_srp.home import Home

DAGSTER_YAML = Path(__file__).parents[1] / "deploy" / "dagster.yaml"
DELIVERIES = 20
MONTH_ROWS = 200_000
RESTATED = 0.05


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--rows", type=int, nargs="*", default=[1_000_000, 2_000_000, 5_000_000, 10_000_000, 20_000_000]
    )
    parser.add_argument("--landing", type=int, default=2_000_000)
    parser.add_argument(
        "--folder", type=Path, default=None, help="Where to work; a temporary folder unless given."
    )
    options = parser.parse_args()
    print(machine(), time.strftime("%Y-%m-%d"), sep="\n")
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        if options.landing:
            landing(Path(folder), options.landing)
        months = {rows: refreshes(Path(folder), rows) for rows in options.rows}
    print(f"\nA new month of {MONTH_ROWS:,} on a history of")
    least = min(months.values(), key=lambda measured: measured.seconds, default=None)
    for rows, measured in months.items():
        assert least is not None
        _line(f"{rows:,} crimes", measured, least)


def landing(folder: Path, rows: int) -> None:
    """Landing against DuckDB's own read_csv into a table, of the same file."""
    contract = load_contracts()["syp_crimes"]
    home = _home(folder / "landing")
    write_lookups(home.inbox)
    (path,) = write_crimes(home.inbox, contract, rows, 1)
    columns = {c.source_name: "VARCHAR" for c in contract.columns}
    with duckdb.connect(str(folder / "plain.duckdb")) as connection:
        connection.execute("set threads = 2")
        started = time.monotonic()
        connection.execute(
            f"create table plain as from read_csv('{path}', header = true, delim = ',', columns = {columns})"
        )
        plain = time.monotonic() - started
    measured = measure(
        [
            "-c",
            "from dagster_srp.refresh import Refresh; from dagster_srp.settings import Settings; Refresh(Settings()).land(['syp_crimes'])",
        ],
        {"SRP_HOME": str(home.root), "SRP_SETTLE_SECONDS": "0"},
    )
    idle = measure(["-c", "import dagster_srp.refresh"])
    took = measured.seconds - idle.seconds
    print(
        f"\nLanding {rows:,} rows: {took:.1f} s, DuckDB's read_csv into a table {plain:.1f} s: {plain / took:.0%} of its speed",
        flush=True,
    )
    shutil.rmtree(home.root)


def refreshes(folder: Path, rows: int) -> Measured:
    """A full refresh against the bare script, then nothing new, by terminal and by Dagster, then a month; gives that."""
    contract = load_contracts()["syp_crimes"]
    home = _home(folder / f"home_{rows}")
    write_lookups(home.inbox)
    write_crimes(home.inbox, contract, rows, DELIVERIES)
    environment = {"SRP_HOME": str(home.root), "SRP_SETTLE_SECONDS": "0"}
    bare = measure(["-m", "benchmarks.bare", str(home.inbox), str(folder / "bare.duckdb")])
    (folder / "bare.duckdb").unlink()
    print(f"\n{rows:,} crimes in {DELIVERIES} deliveries", flush=True)
    _line("bare DuckDB", bare, bare)
    full = _refresh("full refresh", environment, bare)
    _refresh("nothing new", environment, full)
    _line("nothing new, by Dagster", _dagster(folder, environment), full)
    write_lookups(folder / "lookups")
    areas = next((folder / "lookups" / "ons_lsoa_ward_lad").glob("*.csv"))
    target = home.root / "lookup_lsoa21.csv"
    shutil.copyfile(areas, target)
    write_month(home.inbox, contract, rows, MONTH_ROWS, RESTATED)
    month = _refresh(f"one new month of {MONTH_ROWS:,}, {RESTATED:.0%} restated", environment, full)
    shutil.rmtree(home.root)
    return month


def _refresh(name: str, environment: dict[str, str], against: Measured) -> Measured:
    measured = measure(["-m", "dagster_srp.cli", "refresh"], environment, steps=True)
    _line(name, measured, against)
    return measured


def _dagster(folder: Path, environment: dict[str, str]) -> Measured:
    """The same job as the button in Dagster's page starts."""
    instance = folder / "dagster"
    instance.mkdir(exist_ok=True)
    shutil.copy(DAGSTER_YAML, instance / "dagster.yaml")
    return measure(
        ["-m", "dagster", "job", "execute", "--module-name", "dagster_srp.definitions", "--job", "refresh"],
        {**environment, "DAGSTER_HOME": str(instance), "DAGSTER_DISABLE_TELEMETRY": "yes"},
    )


def _line(name: str, measured: Measured, against: Measured) -> None:
    print(
        f"  {name:<45} {measured.seconds:8.1f} s  {measured.cpu_seconds:8.1f} s CPU  {measured.peak_mb:7,.0f} MB"
        f"  {measured.seconds / against.seconds:6.2f} x",
        flush=True,
    )


def _home(root: Path) -> Home:
    home = Home(root)
    home.make(demo=True)
    return home


if __name__ == "__main__":
    main()
