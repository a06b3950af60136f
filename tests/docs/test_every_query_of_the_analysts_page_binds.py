"""Every query of docs/analyst.md names tables and columns that a release has, with types that fit."""

from __future__ import annotations

import re
from collections.abc import Iterator

import duckdb
import pytest

from .pages import ROOT, Block, blocks
from .released_tables import declared_tables, make_released_tables

ANALYST = ROOT / "docs" / "analyst.md"
QUERIES = [block for block in blocks(ANALYST) if block.language == "sql"]


@pytest.fixture(scope="module")
def empty_release() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"enable_external_access": "false"}) as connection:
        make_released_tables(connection)
        yield connection


@pytest.mark.parametrize("block", QUERIES, ids=lambda block: f"line {block.line}")
def test_a_query_binds(empty_release: duckdb.DuckDBPyConnection, block: Block) -> None:
    for statement in duckdb.extract_statements(block.text):
        empty_release.execute("explain " + statement.query)


def test_there_are_queries_and_each_is_followed_by_its_output() -> None:
    languages = [block.language for block in blocks(ANALYST)]
    after = [languages[place + 1] for place, language in enumerate(languages[:-1]) if language == "sql"]
    assert len(QUERIES) >= 8
    assert after == ["text"] * len(QUERIES)


def test_the_page_ends_with_twenty_questions_each_with_its_query() -> None:
    asked = ANALYST.read_text(encoding="utf-8").split("## Twenty questions")[1]
    questions = re.split(r"^\*\*(?=\d+\.)", asked, flags=re.MULTILINE)[1:]
    assert [question.split(".")[0] for question in questions] == [str(number) for number in range(1, 21)]
    assert all(question.count("```sql") == 1 for question in questions)


def test_every_mart_of_the_page_is_released(empty_release: duckdb.DuckDBPyConnection) -> None:
    released = {name for name, _ in declared_tables()} | {"release", "indicator_vintages"}
    rows = [line for line in ANALYST.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in row.split("|")[1].replace("`", "").replace(",", " ").split()}
    unknown = {name for name in named if "*" not in name} - released
    assert not unknown, f"docs/analyst.md lists marts that no release has: {sorted(unknown)}"


def test_a_query_of_a_column_that_is_not_there_would_be_found(
    empty_release: duckdb.DuckDBPyConnection,
) -> None:
    with pytest.raises(duckdb.BinderException):
        empty_release.execute("explain select no_such_column from marts.indicator_values")
