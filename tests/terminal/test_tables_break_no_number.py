"""A table that does not fit becomes one record beneath the other; numbers, dates and names stay whole."""

from __future__ import annotations

import datetime as dt
import io

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from dagster_srp.terminal.tables import Rows, cell

WORDS = st.text("abcdefghij_", min_size=1, max_size=18)
CELLS = st.one_of(
    st.integers(0, 10**9),
    st.floats(-(10**6), 10**6).map(lambda number: round(number, 2)),
    st.dates(dt.date(2000, 1, 1), dt.date(2030, 1, 1)),
    WORDS,
    st.lists(WORDS, min_size=8, max_size=20).map(" ".join),
    st.none(),
)


def shown(rows: Rows, width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    console.print(rows)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@settings(deadline=None)
@given(
    st.integers(1, 14).flatmap(
        lambda n: st.lists(st.lists(CELLS, min_size=n, max_size=n), min_size=1, max_size=5)
    )
)
def test_no_word_of_a_cell_is_broken(rows: list[list[object]]) -> None:
    text = shown(Rows("title", [f"column {number}" for number in range(len(rows[0]))], rows))
    words = {word for row in rows for value in row if value is not None for word in cell(value).split()}
    assert words <= set(text.split()) and max(map(len, text.splitlines())) <= 80


def test_a_wide_row_becomes_a_record() -> None:
    text = shown(Rows("Wide", [f"c{number}" for number in range(20)], [[f"value_{n}" for n in range(20)]]))
    assert "c0   value_0" in text


def test_a_long_file_name_may_be_folded() -> None:
    text = shown(Rows("Files", ["file", "read"], [["x" * 100, 5]], folds=("file",)))
    assert "file" in text and max(map(len, text.splitlines())) <= 80


def test_no_rows_are_said_to_be_none() -> None:
    assert shown(Rows("Held", ["a"], [])) == "Held: none\n"


def test_a_whole_number_has_no_decimals() -> None:
    assert [cell(2040.0), cell(0.5), cell(None), cell(True), cell([1, 2])] == [
        "2,040",
        "0.50",
        "-",
        "yes",
        "1\n2",
    ]
