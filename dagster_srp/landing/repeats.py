"""Takes accepted rows out again: records that a published file holds several times count once."""

from __future__ import annotations

import duckdb

from dagster_srp.contracts import Contract
from dagster_srp.duck import literal, value_of
from dagster_srp.landing.rules import row_text, written

SAME_ROW = "the same row stands on an earlier line, which counts"


def quarantine_repeats(connection: duckdb.DuckDBPyConnection, contract: Contract, delivery_no: int) -> int:
    """Takes every row but the last of a record that stands several times in the delivery; says how many were taken.

    Rows in which a column of the contract's `identity` is empty name no record, and stay separate however alike.
    """
    if not contract.identity:
        return 0
    identity = ", ".join(contract.identity)
    raw = f"raw.{contract.feed}"
    given = " and ".join(f"{name} is not null" for name in contract.identity)
    of_delivery = f"_delivery_no = {delivery_no} and {given}"
    # Few records repeat: their hashes are found first, which costs a tenth of ranking every row.
    connection.execute(
        f"create or replace temp table repeats as select rowid as row_id from {raw} where {of_delivery}"
        f" and hash({identity}) in (select hash({identity}) from {raw} where {of_delivery} group by 1 having count(*) > 1)"
        f" qualify row_number() over (partition by {identity} order by _member desc, _line desc) > 1"
    )
    if not value_of(connection, "select count(*) from repeats"):
        return 0
    return take_out(connection, contract, "rowid in (select row_id from repeats)", repeat_reason(contract))


def quarantine_same_rows(connection: duckdb.DuckDBPyConnection, contract: Contract, delivery_no: int) -> int:
    """Takes every row but the first of those that are alike in all columns, among the keys of the table `repeated`."""
    same = " and ".join(f"r.{name} is not distinct from k.{name}" for name in contract.key)
    columns = ", ".join(f"r.{c.name}" for c in contract.columns)
    connection.execute(
        f"create or replace temp table repeats as select r.rowid as row_id from raw.{contract.feed} as r"
        f" join repeated as k on {same} where r._delivery_no = {delivery_no}"
        f" qualify row_number() over (partition by {columns} order by r._member, r._line) > 1"
    )
    if not value_of(connection, "select count(*) from repeats"):
        return 0
    return take_out(connection, contract, "rowid in (select row_id from repeats)", SAME_ROW)


def take_out(connection: duckdb.DuckDBPyConnection, contract: Contract, which: str, reason: str) -> int:
    """Moves accepted rows to quarantine, by a condition over raw, for one reason; says how many they were."""
    whole = row_text([written(c, c.name, c.storage_type) for c in contract.columns])
    taken = value_of(
        connection,
        f"insert into quarantine.{contract.feed} select _delivery_no, _member, _line, {whole}, [{literal(reason)}]"
        f" from raw.{contract.feed} where {which}",
    )
    connection.execute(f"delete from raw.{contract.feed} where {which}")
    return int(taken)


def repeat_reason(contract: Contract) -> str:
    """The rule that a repeat breaks."""
    named = ", ".join(contract.column(name).source_name for name in contract.identity)
    return f"{named}: the record stands again on a later row, which counts"
