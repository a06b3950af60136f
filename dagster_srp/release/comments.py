"""Writes what the documentation says into a released file: comments on tables and columns, and keys.

A primary key is declared where no column of the key may be empty and the table is small: DuckDB keeps an index for each,
and the keys of all tables would make the demo's release five times as large and take a fifth of a refresh. Every table's
comment names its key.
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from dagster_srp.building.documentation import TableDocumentation
from dagster_srp.duck import identifier, literal, value_of

SCHEMA = "marts"
LARGEST_INDEXED = 10_000
"""Rows of the largest table with a declared primary key: at this size the index costs a few milliseconds."""


def write_comments(connection: duckdb.DuckDBPyConnection, tables: Iterable[TableDocumentation]) -> None:
    """Comments every table and column, and declares the keys of small tables; raises duckdb.Error where one is missing."""
    documented = list(tables)
    connection.execute("begin")
    for table in documented:
        name = f"{SCHEMA}.{identifier(table.table)}"
        connection.execute(f"comment on table {name} is {literal(_comment(table))}")
        for column, meaning in table.columns.items():
            connection.execute(f"comment on column {name}.{identifier(column)} is {literal(meaning)}")
    connection.execute("commit")
    for table in documented:
        if table.key and _may_be_indexed(connection, table):
            columns = ", ".join(identifier(column) for column in table.key)
            connection.execute(f"alter table {SCHEMA}.{identifier(table.table)} add primary key ({columns})")


def _comment(table: TableDocumentation) -> str:
    if not table.key or "Key:" in table.description:
        return table.description
    return f"{table.description} Key: {', '.join(table.key)}."


def _may_be_indexed(connection: duckdb.DuckDBPyConnection, table: TableDocumentation) -> bool:
    nullable = value_of(
        connection,
        "select count(*) from duckdb_columns() where is_nullable and list_contains($1, column_name)"
        " and database_name = current_database() and schema_name = $2 and table_name = $3",
        [list(table.key), SCHEMA, table.table],
    )
    rows = value_of(connection, f"select count(*) from {SCHEMA}.{identifier(table.table)}")
    return not nullable and int(rows) <= LARGEST_INDEXED
