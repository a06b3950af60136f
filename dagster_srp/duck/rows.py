"""Reads the results of small queries as Python values."""

from __future__ import annotations

from typing import Any

import duckdb


def row_of(connection: duckdb.DuckDBPyConnection, query: str, parameters: object = None) -> tuple[Any, ...]:
    """The first row of a query that always has one; raises LookupError where it has none."""
    row = connection.execute(query, parameters).fetchone()
    if row is None:
        raise LookupError(f"A query that always has a row gave none: {query[:200]}")
    return tuple(row)


def value_of(connection: duckdb.DuckDBPyConnection, query: str, parameters: object = None) -> Any:
    """The first value of a query's first row; raises LookupError where there is no row."""
    return row_of(connection, query, parameters)[0]


def records(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: object = None
) -> list[dict[str, Any]]:
    """The rows of a query as dictionaries by column name."""
    result = connection.execute(query, parameters)
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
