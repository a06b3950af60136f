"""Judges the rows of `load` against the contract: accepted to raw, broken to quarantine, each with its line."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from dagster_srp.contracts import Contract
from dagster_srp.landing.rules import Rule, rules_of, typed


@dataclass(frozen=True)
class Judged:
    """How many rows of a part were read, and how many of them broke a rule."""

    read: int
    quarantined: int


def accept_part(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    delivery_no: int,
    member: str | None,
    first_line: int,
    has_nul: bool,
) -> Judged:
    """Moves every row of `load` and `ragged` to raw or to quarantine."""
    rules = rules_of(contract, has_nul)
    broken = " or ".join(f"coalesce({rule.breaks}, false)" for rule in rules)
    columns = ", ".join(c.name for c in contract.columns)
    loaded, ragged, shifted, first_row = _counts(connection)
    line = f"{first_line} - {first_row} + row_at" + (" + coalesce(shift.lines, 0)" if shifted else "")
    shift = f" asof left join shift on row_at - {first_row} >= shift.from_row" if shifted else ""
    accepted = _changed(
        connection,
        f"insert into raw.{contract.feed} select {columns}, ?, ?, {line} from ({_typed_rows(contract)}){shift}"
        f" where not ({broken})",
        [delivery_no, member],
    )
    connection.execute(
        f"insert into quarantine.{contract.feed} select ?, ?, line, row_text, [reason] from ragged",
        [delivery_no, member],
    )
    if accepted < loaded:
        _quarantine(connection, contract, rules, f"({_typed_rows(contract)}){shift}", line, [delivery_no, member])
    return Judged(read=loaded + ragged, quarantined=loaded - accepted + ragged)


def quarantine_repeated_keys(connection: duckdb.DuckDBPyConnection, contract: Contract, delivery_no: int) -> int:
    """Takes every row of a key that stands more than once in the delivery: which one is right is not ours to guess."""
    if not contract.key:
        return 0
    key = ", ".join(contract.key)
    connection.execute(
        f"create or replace temp table repeated as select {key}, list(_line order by _line) as lines from"
        f" raw.{contract.feed} where _delivery_no = ? group by {key} having count(*) > 1",
        [delivery_no],
    )
    same = " and ".join(f"r.{name} is not distinct from k.{name}" for name in contract.key)
    row_text = _row_text([f"r.{c.name}::varchar" for c in contract.columns])
    named = " and ".join(contract.column(name).source_name for name in contract.key)
    taken = _changed(
        connection,
        f"insert into quarantine.{contract.feed} select r._delivery_no, r._member, r._line, {row_text},"
        f" ['{named}: the key stands on lines ' || array_to_string(k.lines, ', ')] from raw.{contract.feed} as r"
        f" join repeated as k on {same} where r._delivery_no = ?",
        [delivery_no],
    )
    if taken:
        connection.execute(
            f"delete from raw.{contract.feed} as r using repeated as k where {same} and r._delivery_no = ?",
            [delivery_no],
        )
    return taken


def _typed_rows(contract: Contract) -> str:
    values = ", ".join(f"{typed(c)} as {c.name}" for c in contract.columns)
    return f"select rowid as row_at, *, {values} from load"


def _quarantine(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    rules: list[Rule],
    rows: str,
    line: str,
    parameters: list[object],
) -> None:
    reasons = ", ".join(
        f"case when coalesce({rule.breaks}, false) then '{rule.reason.replace(chr(39), chr(39) * 2)}' end"
        for rule in rules
    )
    row_text = _row_text([f"text_{c.name}" for c in contract.columns])
    connection.execute(
        f"insert into quarantine.{contract.feed} select ?, ?, line, row_text, reasons from (select {line} as line,"
        f" {row_text} as row_text, list_filter([{reasons}], lambda reason: reason is not null) as reasons from {rows})"
        " where len(reasons) > 0",
        parameters,
    )


def _row_text(values: list[str]) -> str:
    """The row as one line of CSV, every value quoted, so that a line end or comma inside a value cannot mislead."""
    return " || ',' || ".join(f"coalesce('\"' || replace({v}, '\"', '\"\"') || '\"', '')" for v in values)


def _counts(connection: duckdb.DuckDBPyConnection) -> tuple[int, int, int, int]:
    """Rows of load, ragged and shift, and load's first rowid: inside a transaction they do not begin at 0."""
    row = connection.execute(
        "select (select count(*) from load), (select count(*) from ragged), (select count(*) from shift),"
        " coalesce((select min(rowid) from load), 0)"
    ).fetchone()
    assert row is not None
    return int(row[0]), int(row[1]), int(row[2]), int(row[3])


def _changed(connection: duckdb.DuckDBPyConnection, statement: str, parameters: list[object]) -> int:
    row = connection.execute(statement, parameters).fetchone()
    assert row is not None
    return int(row[0])
