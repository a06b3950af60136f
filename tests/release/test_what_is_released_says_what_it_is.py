"""Comments and keys of the released tables: what a person reads who opens the file with nothing beside it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from dagster_srp.building.documentation import TableDocumentation
from dagster_srp.duck import open_file
from dagster_srp.release import comments
from dagster_srp.release.comments import write_comments

DOCUMENTED = TableDocumentation(
    "dim_thing", "One row is a thing's.", {"thing_id": "It's the thing.", "size": "In cm."}, ("thing_id",)
)


@pytest.fixture
def connection(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    opened = open_file(tmp_path / "srp.duckdb", read_only=False)
    opened.execute(
        "create schema marts; create table marts.dim_thing (thing_id varchar not null, size integer)"
    )
    opened.execute("insert into marts.dim_thing values ('a', 1), ('b', null)")
    return opened


def comment(connection: duckdb.DuckDBPyConnection, query: str) -> list[str]:
    return [text for (text,) in connection.execute(query).fetchall()]


def key(connection: duckdb.DuckDBPyConnection) -> list[tuple[list[str]]]:
    return connection.execute(
        "select constraint_column_names from duckdb_constraints() where constraint_type = 'PRIMARY KEY'"
    ).fetchall()


def test_a_tables_comment_ends_with_its_key(connection: duckdb.DuckDBPyConnection) -> None:
    write_comments(connection, [DOCUMENTED])
    assert comment(connection, "select comment from duckdb_tables()") == [
        "One row is a thing's. Key: thing_id."
    ]


def test_every_column_has_its_comment(connection: duckdb.DuckDBPyConnection) -> None:
    write_comments(connection, [DOCUMENTED])
    assert comment(connection, "select comment from duckdb_columns() where schema_name = 'marts'") == [
        "It's the thing.",
        "In cm.",
    ]


def test_a_small_table_declares_its_key(connection: duckdb.DuckDBPyConnection) -> None:
    write_comments(connection, [DOCUMENTED])
    assert key(connection) == [(["thing_id"],)]


def test_a_key_with_a_column_that_may_be_empty_is_not_declared(connection: duckdb.DuckDBPyConnection) -> None:
    write_comments(
        connection, [TableDocumentation("dim_thing", "", DOCUMENTED.columns, ("thing_id", "size"))]
    )
    assert key(connection) == []


def test_a_large_table_declares_none(
    connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comments, "LARGEST_INDEXED", 1)
    write_comments(connection, [DOCUMENTED])
    assert key(connection) == []


def test_a_column_that_is_documented_and_not_there_is_refused(connection: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(duckdb.Error, match="gone"):
        write_comments(connection, [TableDocumentation("dim_thing", "", {"gone": "Nothing."})])
