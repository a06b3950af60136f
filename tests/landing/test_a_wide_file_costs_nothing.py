"""Columns that no contract knows, and those without a header, are dropped however many there are."""

from __future__ import annotations

import io
import time
from collections.abc import Callable

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from .room import Room, crime, crimes, text
from .test_workbooks_and_parquet_keep_their_types import ods, xlsx


def _widened(rows: list[dict[str, str]], header: str, cells: str) -> str:
    """The rows with more to the right of every header and row."""
    first, *rest = text(rows).splitlines()
    return "\n".join([first + header, *(line + cells for line in rest)]) + "\n"


def _unknown(count: int) -> str:
    return "".join(f",Extra {n}" for n in range(1, count + 1))


@pytest.mark.parametrize("at", [1, 300, 4_999])
def test_one_value_in_any_column_without_a_header_is_told(room: Room, at: int) -> None:
    delivery = room.land_one(_widened(crimes(20), "," * 5_000, "," * at + "x" + "," * (5_000 - at)))
    assert delivery.accepted == 20 and delivery.warnings[0].startswith("Columns without a header hold values")


@pytest.mark.parametrize("width", [990, 1_200, 5_000])
def test_blank_columns_are_dropped_like_blank_lines(room: Room, width: int) -> None:
    delivery = room.land_one(_widened(crimes(20), "," * width, "," * width))
    assert (delivery.state, delivery.accepted, delivery.warnings) == ("accepted", 20, ())


@pytest.mark.parametrize("width", [990, 5_000])
def test_unknown_columns_are_told_by_the_first_few_and_their_count(room: Room, width: int) -> None:
    delivery = room.land_one(_widened(crimes(20), _unknown(width), ",x" * width))
    assert delivery.accepted == 20
    (warning,) = delivery.warnings
    assert f"Extra 1, Extra 2, Extra 3, Extra 4, Extra 5 and {width - 5:,} more ({width:,})" in warning
    assert "Extra 6" not in warning


def test_a_wide_file_with_tall_ragged_and_broken_rows_keeps_every_line(room: Room) -> None:
    rows = [*crimes(40), crime(41, **{"Complainant Address": "Flat 1\nHigh Street"}), crime(42, Dwelling="?")]
    lines = [text([row]).split("\n", 1)[1].removesuffix("\n") + "," * 1_200 for row in rows]
    content = "\n".join([",".join(crime()) + "," * 1_200, *lines, "ragged,line"]) + "\n"
    delivery = room.land_one(content)
    assert (delivery.accepted, delivery.quarantined) == (41, 2)
    assert [line for line, *_ in room.quarantine()] == [44, 45]
    assert room.quarantine()[0][1].count(",") == len(crime()) - 1


def test_a_column_without_a_header_that_holds_values_is_told_and_kept_in_quarantine(room: Room) -> None:
    delivery = room.land_one(_widened([*crimes(30), crime(31, Dwelling="?")], ",,", ",,note"))
    assert (delivery.accepted, delivery.quarantined) == (30, 1)
    assert delivery.warnings[0].startswith("Columns without a header hold values")
    assert room.quarantine()[0][1].endswith('"note"')


def test_a_wide_file_that_lacks_columns_is_held_within_seconds(room: Room) -> None:
    begun = time.monotonic()
    delivery = room.land_one(_unknown(5_000)[1:] + "\n" + ",x" * 4_999 + "\n")
    assert delivery.state == "held" and len(delivery.reasons) == 18
    assert time.monotonic() - begun < 20


def test_lines_of_nothing_but_commas_are_blank_lines(room: Room) -> None:
    rows = text(crimes(3)).splitlines()
    commas = "," * (len(crime()) - 1)
    delivery = room.land_one("\n".join([*rows[:2], commas, ",,,", *rows[2:], *[commas] * 40]) + "\n")
    assert (delivery.state, delivery.rows_read, delivery.accepted) == ("accepted", 3, 3)
    assert [line for _, line in room.raw()] == [2, 5, 6]


def test_a_wide_parquet_lands(room: Room) -> None:
    columns = {name: [row[name] or None for row in crimes(3)] for name in crime()}
    columns |= {f"Extra {n}": ["x"] * 3 for n in range(5_000)}
    out = io.BytesIO()
    pq.write_table(pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()}), out)
    delivery = room.land_one(out.getvalue(), "crimes_2024-06-30.parquet")
    assert delivery.accepted == 3 and "4,995 more (5,000)" in delivery.warnings[0]


@pytest.mark.parametrize("make", [xlsx, ods])
def test_a_wide_workbook_lands_and_its_blank_columns_count_for_nothing(
    room: Room, make: Callable[..., bytes]
) -> None:
    rows = [row | {f"Extra {n}": "x" for n in range(1, 1_001)} for row in crimes(3)]
    delivery = room.land_one(make(rows), f"crimes_2024-06-30.{make.__name__}")
    assert delivery.accepted == 3 and "Extra 5 and 995 more (1,000)" in delivery.warnings[0]


def test_cells_that_are_only_formatted_far_to_the_right_count_for_nothing(room: Room) -> None:
    def formatted(book: openpyxl.Workbook) -> None:
        for row in range(1, 4):
            book.active.cell(row, 9_000).font = openpyxl.styles.Font(bold=True)

    delivery = room.land_one(xlsx(crimes(3), formatted), "crimes_2024-06-30.xlsx")
    assert (delivery.accepted, delivery.warnings) == (3, ())
