"""Profiles: how many rows each delivery has by day, by coded value and without a value; kept at landing.

What belongs here: counting. What does not: any judgement of the counts (gates). A profile holds counts and the coded
values of contracts alone: no name, address, reference or free text.
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from dagster_srp.contracts import Column, Contract
from dagster_srp.duck import literal

LSOA = "lsoa"
"""LSOAs are codes, and too many to count each: whether they are given is counted, as of any column."""


def profile(connection: duckdb.DuckDBPyConnection, contracts: Iterable[Contract]) -> None:
    """Counts every delivery that has rows and no profile yet, one feed at a time."""
    for contract in contracts:
        numbers = [
            int(number)
            for (number,) in connection.execute(
                "select delivery_no from ledger.deliveries where feed = $1 and accepted_count > 0 and state <> 'held'"
                " and delivery_no not in (select delivery_no from ledger.delivery_days where feed = $1)",
                [contract.feed],
            ).fetchall()
        ]
        if numbers:
            _count(connection, contract, numbers)


def is_coded(column: Column) -> bool:
    """Whether the column's values are of a known list, or codes of areas: what may be counted by value."""
    if column.sensitivity == "personal" or column.name.startswith(LSOA):
        return False
    listed = bool(column.allowed_values or column.references) or column.logical_type == "boolean"
    return listed or column.name in ("district_code", "ward_code")


def _count(connection: duckdb.DuckDBPyConnection, contract: Contract, numbers: list[int]) -> None:
    feed, day = literal(contract.feed), contract.period_column
    rows = f"raw.{contract.feed} where _delivery_no in ({', '.join(map(str, numbers))})"
    connection.execute("begin")
    connection.execute(
        f"insert into ledger.delivery_days select _delivery_no, {feed}, {f'{day}::date' if day else 'null'}, count(*)"
        f" from {rows} group by all"
    )
    if day:
        month = f"date_trunc('month', {day})::date"
        parts = [part for column in contract.columns for part in _parts(column, month, rows)]
        for part in parts:
            connection.execute(
                f"insert into ledger.delivery_values select _delivery_no, {feed}, month, {part} group by all"
            )
    connection.execute("commit")


def _parts(column: Column, month: str, rows: str) -> list[str]:
    """The counts of a column by value, and of its empty values, each as the end of a query."""
    name, parts = column.name, []
    if not column.required:
        parts.append(
            f"{literal(name)}, null, count(*) - count({name}) from"
            f" (select _delivery_no, {month} as month, {name} from {rows})"
        )
    if is_coded(column):
        value = f"unnest(string_split({name}, {literal(column.separator)}))" if column.separator else name
        parts.append(
            f"{literal(name)}, trim(value::varchar), count(*) from (select _delivery_no, {month} as month, {value} as value"
            f" from {rows} and {name} is not null)"
        )
    return parts
