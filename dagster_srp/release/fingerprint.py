"""An order-independent fingerprint of a table's content: the same rows give the same number, however they lie."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from dagster_srp.duck import identifier, row_of

NOT_CONTENT = ("release_id",)
"""Columns that name the release itself, and so differ between two builds of the same content."""
HISTORY_TABLES = ("release", "indicator_vintages")
"""Tables about releases: what they hold depends on which releases there were, not on the archive alone."""


@dataclass(frozen=True)
class TableFingerprint:
    """A released table: how many rows, and the sum of their hashes in hex (a sum, so that equal rows all count)."""

    table: str
    rows: int
    content: str


def fingerprints(connection: duckdb.DuckDBPyConnection, schema: str = "marts") -> list[TableFingerprint]:
    """Every table of the schema that the archive, the moment and the code determine, by name.

    DuckDB's hash may change between its versions: fingerprints compare within the version that a manifest names.
    """
    return [_fingerprint(connection, schema, table) for table in _tables(connection, schema)]


def _tables(connection: duckdb.DuckDBPyConnection, schema: str) -> Iterator[str]:
    rows = connection.execute(
        "select table_name from duckdb_tables() where schema_name = ? and database_name = current_database()"
        " order by table_name",
        [schema],
    ).fetchall()
    return (str(name) for (name,) in rows if name not in HISTORY_TABLES)


def _fingerprint(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> TableFingerprint:
    columns = [
        str(row[0])
        for row in connection.execute(
            "select column_name from duckdb_columns() where schema_name = ? and table_name = ?"
            " and database_name = current_database() order by column_name",
            [schema, table],
        ).fetchall()
    ]
    hashed = ", ".join(identifier(name) for name in columns if name not in NOT_CONTENT)
    rows, content = row_of(
        connection, f"select count(*), coalesce(sum(hash({hashed})), 0) from {schema}.{identifier(table)}"
    )
    return TableFingerprint(table, int(rows), f"{int(content):x}")
