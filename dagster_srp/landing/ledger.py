"""The ledger: every delivery, what became of its rows, and the tables that hold them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import duckdb

from dagster_srp.contracts import Contract
from dagster_srp.duck import row_of
from dagster_srp.landing.archive import Receipt
from dagster_srp.landing.code import landed_by
from dagster_srp.landing.readers import format_of

DELIVERIES = """
create table if not exists ledger.deliveries (
    delivery_no integer not null,
    feed varchar not null,
    sha256 varchar not null,
    file_name varchar not null,
    byte_count bigint not null,
    format varchar,
    rows_read_count bigint not null,
    accepted_count bigint not null,
    quarantined_count bigint not null,
    period_start_date date,
    period_end_date date,
    extracted_at timestamp not null,
    landed_at timestamp not null,
    state varchar not null,
    reasons varchar[] not null,
    warnings varchar[] not null,
    landed_by varchar not null,
    contract_version varchar
)
"""

DELIVERY_COLUMNS = [line.split()[0] for line in DELIVERIES.splitlines() if line.startswith("    ")]

PERIODS = """
create table if not exists ledger.delivery_periods (
    delivery_no integer not null,
    feed varchar not null,
    reported_by varchar not null,
    month date not null,
    rows_count bigint not null
)
"""

PROFILES = """
create table if not exists ledger.delivery_days (
    delivery_no integer not null,
    feed varchar not null,
    day date,
    rows_count bigint not null
);
create table if not exists ledger.delivery_values (
    delivery_no integer not null,
    feed varchar not null,
    month date not null,
    column_name varchar not null,
    value varchar,
    rows_count bigint not null
)
"""

ONCE_ACCEPTED = """
create table if not exists ledger.once_accepted (
    feed varchar not null,
    sha256 varchar not null,
    contract_version varchar,
    primary key (feed, sha256)
)
"""
"""Deliveries that an earlier state of their contract accepted: a gate refuses a change that holds one of them."""

DECISIONS = """
create table if not exists ledger.decisions (
    delivery_no integer not null,
    feed varchar not null,
    sha256 varchar not null,
    state varchar not null,
    decided_by varchar not null,
    decided_at timestamp not null,
    because varchar[] not null
)
"""

OF_DELIVERIES = ("delivery_periods", "decisions", "delivery_days", "delivery_values")
"""The ledger's other tables, which name deliveries by their numbers."""

LINEAGE = ("_delivery_no integer not null", "_member varchar", "_line integer not null")
"""What landing adds to every raw row."""


@dataclass(frozen=True)
class Delivery:
    """What landing made of one delivery."""

    delivery_no: int
    feed: str
    file_name: str
    rows_read: int
    accepted: int
    quarantined: int
    state: str
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]


def open_ledger(connection: duckdb.DuckDBPyConnection, contracts: Mapping[str, Contract]) -> None:
    """Makes whatever of the ledger, raw and quarantine tables is missing.

    A ledger that another version of the code has made with other columns is made anew: the archive has every delivery,
    and landing takes them in again.
    """
    connection.execute("create schema if not exists ledger")
    connection.execute(ONCE_ACCEPTED)
    if _is_of_other_code(connection):
        connection.execute(
            "insert or replace into ledger.once_accepted select distinct feed, sha256, null from ledger.deliveries"
            " where state = 'accepted'"
        )
        connection.execute("drop table ledger.deliveries")
        for name in OF_DELIVERIES:
            connection.execute(f"drop table if exists ledger.{name}")
        for schema in ("raw", "quarantine"):
            connection.execute(f"drop schema if exists {schema} cascade")
    for schema in ("raw", "quarantine"):
        connection.execute(f"create schema if not exists {schema}")
    connection.execute(DELIVERIES)
    connection.execute(PERIODS)
    connection.execute(DECISIONS)
    connection.execute(PROFILES)
    for contract in contracts.values():
        connection.execute(raw_table(contract))
        connection.execute(quarantine_table(contract))


def _is_of_other_code(connection: duckdb.DuckDBPyConnection) -> bool:
    found = [
        name
        for (name,) in connection.execute(
            "select column_name from duckdb_columns() where schema_name = 'ledger' and table_name = 'deliveries'"
            " and database_name = current_database() order by column_index"
        ).fetchall()
    ]
    return bool(found) and found != DELIVERY_COLUMNS


def raw_table(contract: Contract) -> str:
    """The DDL of a feed's raw table: the contract's columns, then the delivery, member and line of each row."""
    columns = [f"{c.name} {c.storage_type}" for c in contract.columns]
    return f"create table if not exists raw.{contract.feed} ({', '.join([*columns, *LINEAGE])})"


def quarantine_table(contract: Contract) -> str:
    """The DDL of a feed's quarantine: each row whole, where it stood, and every reason."""
    return (
        f"create table if not exists quarantine.{contract.feed} (_delivery_no integer not null, _member varchar,"
        " _line integer not null, row_text varchar not null, reasons varchar[] not null)"
    )


def outdated_feeds(connection: duckdb.DuckDBPyConnection, contracts: Mapping[str, Contract]) -> list[str]:
    """Feeds that another contract or other code has landed, or whose tables it made: they are landed again."""
    rows = connection.execute("select distinct feed, landed_by from ledger.deliveries").fetchall()
    landed = {feed for feed, by in rows if feed not in contracts or landed_by(contracts[feed]) != by}
    tables: dict[str, list[tuple[str, str]]] = {}
    for feed, name, kind in connection.execute(
        "select table_name, column_name, data_type from duckdb_columns() where schema_name = 'raw'"
        " and database_name = current_database() order by table_name, column_index"
    ).fetchall():
        tables.setdefault(feed, []).append((name, kind))
    made = {
        feed
        for feed, columns in tables.items()
        if feed not in contracts
        or columns[: -len(LINEAGE)] != [(c.name, c.storage_type) for c in contracts[feed].columns]
    }
    return sorted(landed | made)


def forget(connection: duckdb.DuckDBPyConnection, feeds: Iterable[str]) -> None:
    """Empties everything landed of the feeds; the archive still holds it, and landing takes it in again.

    What was accepted is remembered, so that a contract which now holds it is found.
    """
    for feed in feeds:
        connection.execute("begin")
        connection.execute(
            "insert or replace into ledger.once_accepted select feed, sha256, contract_version from ledger.deliveries"
            " where feed = ? and state = 'accepted'",
            [feed],
        )
        connection.execute(f"drop table if exists raw.{feed}")
        connection.execute(f"drop table if exists quarantine.{feed}")
        connection.execute("delete from ledger.deliveries where feed = ?", [feed])
        for name in OF_DELIVERIES:
            connection.execute(f"delete from ledger.{name} where feed = ?", [feed])
        connection.execute("commit")


def record(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    receipt: Receipt,
    delivery: Delivery,
    moment: dt.datetime | None,
    first: dt.date | None,
    last: dt.date | None,
) -> None:
    """Writes a delivery's line, with the period it covers; `moment` is when it was extracted, else it speaks for when it landed."""
    landed_at = dt.datetime.fromisoformat(receipt.landed_at)
    connection.execute(
        "insert into ledger.deliveries values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            delivery.delivery_no,
            delivery.feed,
            receipt.sha256,
            receipt.file_name,
            receipt.byte_count,
            format_of(receipt.file_name),
            delivery.rows_read,
            delivery.accepted,
            delivery.quarantined,
            first,
            last,
            moment or landed_at,
            landed_at,
            delivery.state,
            list(delivery.reasons),
            list(delivery.warnings),
            landed_by(contract),
            contract.version,
        ],
    )


def period_of(
    connection: duckdb.DuckDBPyConnection, contract: Contract, number: int
) -> tuple[dt.date | None, dt.date | None]:
    """The first and last day that a delivery's accepted rows speak of, where its contract says by which column."""
    if contract.period_column is None:
        return None, None
    column = contract.period_column
    first, last = row_of(
        connection,
        f"select min({column})::date, max({column})::date from raw.{contract.feed} where _delivery_no = ?",
        [number],
    )
    return first, last


def record_periods(connection: duckdb.DuckDBPyConnection, contract: Contract, number: int) -> None:
    """Writes which months of which force a delivery brings, where it restates by month."""
    if contract.restates_by == "replace_period":
        reported_by, month = contract.replaces_by
        connection.execute(
            f"insert into ledger.delivery_periods select _delivery_no, ?, {reported_by}, {month}, count(*)"
            f" from raw.{contract.feed} where _delivery_no = ? group by all",
            [contract.feed, number],
        )
