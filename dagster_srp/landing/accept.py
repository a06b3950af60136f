"""Takes what `load` judged to raw or to quarantine, each row with its line, and finds keys that stand twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from dagster_srp.contracts import Contract
from dagster_srp.duck import literal, value_of
from dagster_srp.landing.lines import Place
from dagster_srp.landing.load import Loaded
from dagster_srp.landing.repeats import quarantine_same_rows
from dagster_srp.landing.rules import row_text, written


@dataclass(frozen=True)
class Judged:
    """How many rows of a part were read, how many of them broke a rule, and what should be told of them."""

    read: int
    quarantined: int
    told: tuple[str, ...] = ()


def accept(
    connection: duckdb.DuckDBPyConnection, contract: Contract, delivery_no: int, loaded: Loaded
) -> Judged:
    """Moves every row of `load` and `ragged` to raw or to quarantine; a blank one is no row."""
    rows, line, member = _lines(connection, loaded.places)
    columns = ", ".join(c.name for c in contract.columns)
    accepted = _changed(
        connection,
        f"insert into raw.{contract.feed} select {columns}, ?, {member}, {line} from {rows} where reasons is null",
        [delivery_no],
    )
    quarantined = 0
    if accepted < loaded.rows:
        quarantined = _changed(
            connection,
            f"insert into quarantine.{contract.feed} select ?, {member}, {line}, row_text, reasons from {rows}"
            " where len(reasons) > 0",
            [delivery_no],
        )
    if loaded.ragged:
        connection.execute(
            f"insert into quarantine.{contract.feed} select ?, member, line, row_text, reasons from ragged",
            [delivery_no],
        )
    return Judged(
        accepted + quarantined + loaded.ragged, quarantined + loaded.ragged, tuple(_told(connection, loaded))
    )


def _told(connection: duckdb.DuckDBPyConnection, loaded: Loaded) -> Iterator[str]:
    if loaded.nameless or value_of(connection, "select coalesce(bool_or(has_nameless), false) from load"):
        yield (
            "Columns without a header hold values: they are kept in the archive and not loaded."
            " Give them a header, or stop sending them."
        )


def quarantine_repeated_keys(
    connection: duckdb.DuckDBPyConnection, contract: Contract, delivery_no: int
) -> tuple[int, int]:
    """How many rows it took because a key stands with different values, and how many that only repeat a row.

    Of rows that are alike the first is kept. Of rows that differ none is: which one is right is not ours to guess.
    """
    if not contract.key:
        return 0, 0
    key = ", ".join(contract.key)
    same = " and ".join(f"r.{name} is not distinct from k.{name}" for name in contract.key)
    connection.execute(
        f"create or replace temp table repeated as select {key} from raw.{contract.feed} where _delivery_no = ?"
        f" group by {key} having count(*) > 1",
        [delivery_no],
    )
    if connection.execute("select 1 from repeated limit 1").fetchone() is None:
        return 0, 0
    repeats = quarantine_same_rows(connection, contract, delivery_no)
    connection.execute(
        f"create or replace temp table repeated as select {', '.join('k.' + name for name in contract.key)},"
        f" list(r._line order by r._line) as lines from raw.{contract.feed} as r join repeated as k on {same}"
        " where r._delivery_no = ? group by all having count(*) > 1",
        [delivery_no],
    )
    whole = row_text([written(c, f"r.{c.name}", c.storage_type) for c in contract.columns])
    named = " and ".join(contract.column(name).source_name for name in contract.key)
    taken = _changed(
        connection,
        f"insert into quarantine.{contract.feed} select r._delivery_no, r._member, r._line, {whole},"
        f" [{literal(named + ': the key stands on lines ')} || array_to_string(k.lines, ', ')]"
        f" from raw.{contract.feed} as r join repeated as k on {same} where r._delivery_no = ?",
        [delivery_no],
    )
    connection.execute(
        f"delete from raw.{contract.feed} as r using repeated as k where {same} and r._delivery_no = ?",
        [delivery_no],
    )
    return taken, repeats


def _lines(connection: duckdb.DuckDBPyConnection, found: list[Place]) -> tuple[str, str, str]:
    """The rows of `load` with their ordinals, and the expressions of their line and member.

    Inside a transaction row ids do not begin at 0.
    """
    first = value_of(connection, "select coalesce(min(rowid), 0) from load")
    if len(found) == 1:
        (place,) = found
        member = "null" if place.member is None else literal(place.member)
        return "load", f"rowid + {place.offset - int(first)}", member
    last = {place.from_row: place for place in found}.values()
    table = pa.table(
        {
            "from_row": pa.array([place.from_row for place in last], pa.int64()),
            "row_offset": pa.array([place.offset for place in last], pa.int64()),
            "member": pa.array([place.member for place in last], pa.string()),
        }
    )
    connection.register("found_places", table)
    connection.execute("create or replace temp table place as select * from found_places")
    connection.unregister("found_places")
    rows = f"(select *, rowid - {first} as ordinal from load) asof join place on ordinal >= from_row"
    return rows, "ordinal + row_offset", "place.member"


def _changed(connection: duckdb.DuckDBPyConnection, statement: str, parameters: list[object]) -> int:
    return int(value_of(connection, statement, parameters))
