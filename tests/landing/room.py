"""A landing room of its own in a temporary folder, and rows that keep their contracts."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dagster_srp.contracts import Contract
from dagster_srp.duck import Engine, open_file
from dagster_srp.landing import Landed, land
from dagster_srp.landing.land import LandingSettings
from dagster_srp.landing.ledger import Delivery
from dagster_srp.landing.packed import Limits

NOW = dt.datetime(2026, 7, 1, 9, 30)
LIMITS = Limits(max_bytes=50_000_000, max_ratio=200)
NAME = "crimes_2024-06-30.csv"


@dataclass
class Room:
    """A home without anything but landing; every call opens and closes the real DuckDB file."""

    root: Path
    contracts: Mapping[str, Contract]
    takes_demo: bool = False
    limits: Limits = LIMITS

    def put(self, content: bytes | str, name: str = NAME, feed: str = "syp_crimes") -> Path:
        path = self.root / "inbox" / feed / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def land(self, settle_seconds: float = 0.0, now: dt.datetime = NOW) -> Landed:
        (self.root / "warehouse").mkdir(parents=True, exist_ok=True)
        settings = LandingSettings(
            self.root / "inbox", self.root / "archive", settle_seconds, self.limits, self.takes_demo
        )
        with closing(self.open()) as connection:
            return land(connection, self.contracts, settings, clock=lambda: now)

    def land_one(self, content: bytes | str, name: str = NAME, feed: str = "syp_crimes") -> Delivery:
        """What becomes of one delivery."""
        self.put(content, name, feed)
        landed = self.land()
        assert landed.problems == []
        (delivery,) = [d for d in landed.deliveries if d.feed == feed]
        return delivery

    def open(self) -> duckdb.DuckDBPyConnection:
        return open_file(self.root / "warehouse" / "landing.duckdb", Engine(2, "1GB"), read_only=False)

    def query(self, sql: str) -> list[tuple]:
        with closing(self.open()) as connection:
            return connection.execute(sql).fetchall()

    def raw(self, columns: str = "crime_ref, _line", feed: str = "syp_crimes") -> list[tuple]:
        return self.query(f"select {columns} from raw.{feed} order by _delivery_no, _member, _line")

    def quarantine(self, feed: str = "syp_crimes") -> list[tuple[int, str, list[str]]]:
        return self.query(
            f"select _line, row_text, reasons from quarantine.{feed} order by _delivery_no, _line"
        )

    def everything(self) -> dict[str, set[tuple]]:
        """All that landed, by the delivery's bytes rather than its number, as sets."""
        queries = {
            "deliveries": "select feed, sha256, rows_read_count, accepted_count, quarantined_count, period_start_date,"
            " period_end_date, extracted_at, state, reasons::varchar, warnings::varchar,"
            " row_number() over (partition by feed order by extracted_at, sha256) from ledger.deliveries",
            "periods": "select sha256, p.feed, reported_by, month, rows_count"
            " from ledger.delivery_periods as p join ledger.deliveries using (delivery_no)",
        }
        with closing(self.open()) as connection:
            for table in (f"{schema}.{feed}" for feed in self.contracts for schema in ("raw", "quarantine")):
                columns = connection.execute(f"describe {table}").fetchall()
                kept = ", ".join(f"t.{name}::varchar" for name, *_ in columns if name != "_delivery_no")
                queries[table] = (
                    f"select sha256, {kept} from {table} as t join ledger.deliveries on _delivery_no = delivery_no"
                )
            return {table: set(connection.execute(query).fetchall()) for table, query in queries.items()}


def crime(number: int = 1, **changes: str) -> dict[str, str]:
    """A crime that keeps its contract, by the partner's headers."""
    row = {
        "Crime Reference": f"SYP/24/{number:06d}",
        "Recorded Date": "14/06/2024",
        "Committed From": "13/06/2024",
        "Committed To": "",
        "HO Offence Code": "28E/00",
        "Dwelling": "Y",
        "Tags": "knife;online",
        "Hate Strands": "",
        "LA Code": "E08000018",
        "Ward Code": "E05013851",
        "LSOA Code": "E01007811",
        "Complainant Ref": f"P{number}",
        "Complainant Forename": "Ann",
        "Complainant Surname": "Example",
        "Complainant DOB": "01/02/1980",
        "Complainant Address": "1 High Street",
        "Complainant Postcode": "S60 1AA",
        "Suspect Refs": "",
    }
    assert set(changes) <= set(row), set(changes) - set(row)
    return row | changes


def crimes(count: int) -> list[dict[str, str]]:
    return [crime(number) for number in range(1, count + 1)]


def text(rows: Iterable[Mapping[str, str]], delimiter: str = ",", end: str = "\n") -> str:
    """Rows as a partner's CSV, header first."""
    rows = list(rows)
    out = io.StringIO()
    writer = csv.DictWriter(
        out, fieldnames=list(rows[0] if rows else crime()), delimiter=delimiter, lineterminator=end
    )
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def line(row: Mapping[str, str]) -> str:
    """One row without a header."""
    return text([row]).splitlines()[1]


def with_lines(rows: Sequence[Mapping[str, str]], lines: Mapping[int, str]) -> str:
    """The rows as CSV, with whole lines put in before the given line numbers of what results."""
    result = text(rows).splitlines()
    for number in sorted(lines):
        result.insert(number - 1, lines[number])
    return "\n".join(result) + "\n"


def archived(room: Room) -> list[Path]:
    """The archived bytes."""
    return sorted((room.root / "archive" / "objects").glob("*/*"))
