from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from dagster_srp.duck import Engine, attach, identifier, literal, open_file, open_memory, row_of, value_of

PACKAGE = Path(__file__).parents[2] / "dagster_srp"
OUTSIDE = [path for path in sorted(PACKAGE.rglob("*.py")) if path.parent.name != "duck"]


@pytest.mark.parametrize("forbidden", [r"duckdb\.connect\(", r"""replace\(["']['"]["'], """])
def test_no_other_room_opens_a_file_or_quotes_by_hand(forbidden: str) -> None:
    found = [str(path) for path in OUTSIDE if re.search(forbidden, path.read_text(encoding="utf-8"))]
    assert found == []


def test_the_engines_limits_hold_for_a_file(tmp_path: Path) -> None:
    with open_file(tmp_path / "a.duckdb", Engine(1, "500MB"), read_only=False) as connection:
        query = "select current_setting('threads'), current_setting('memory_limit')"
        assert row_of(connection, query) == (1, "476.8 MiB")


def test_a_file_that_is_made_is_its_owners_alone(tmp_path: Path) -> None:
    open_file(tmp_path / "a.duckdb", read_only=False).close()
    assert (tmp_path / "a.duckdb").stat().st_mode & 0o777 == 0o600


def test_a_file_is_opened_for_reading_unless_asked(tmp_path: Path) -> None:
    open_file(tmp_path / "a.duckdb", read_only=False).close()
    with open_file(tmp_path / "a.duckdb") as connection, pytest.raises(duckdb.InvalidInputException):
        connection.execute("create table t (a integer)")


def test_a_path_with_quotes_is_attached(tmp_path: Path) -> None:
    path = tmp_path / 'it\'s "here"; é.duckdb'
    open_file(path, read_only=False).close()
    with open_memory() as connection:
        attach(connection, path, 'a "name"')
        assert value_of(connection, "select count(*) from duckdb_databases() where readonly") == 1


@pytest.mark.parametrize("text", ["", "it's", "''", 'a "b"', "é\n;--"])
def test_a_text_and_a_name_come_back_as_they_were(text: str) -> None:
    with open_memory() as connection:
        assert value_of(connection, f"select {literal(text)}") == text
        result = connection.execute(f"select 1 as {identifier(text or 'x')}")
        assert result.description is not None
        assert result.description[0][0] == (text or "x")


def test_a_query_without_a_row_says_which(tmp_path: Path) -> None:
    with open_memory() as connection, pytest.raises(LookupError, match="where false"):
        row_of(connection, "select 1 where false")


def test_no_connection_draws_a_progress_bar(tmp_path: Path) -> None:
    """The client would draw it on standard output, in every query of more than two seconds, where JSON may be expected."""
    opened = (open_memory(), open_file(tmp_path / "a.duckdb", read_only=False))
    assert [value_of(c, "select current_setting('enable_progress_bar')") for c in opened] == [False, False]
