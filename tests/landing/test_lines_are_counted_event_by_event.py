from __future__ import annotations

from pathlib import Path

import pytest

from dagster_srp.landing.held import Held
from dagster_srp.landing.lines import Place, Span, lines_at, places


def _line(found: list[Place], ordinal: int) -> int:
    return ordinal + [place for place in found if place.from_row <= ordinal][-1].offset


def test_without_events_rows_follow_the_header() -> None:
    assert places(2, 3, (), (), ()) == ([Place(0, 2)], 5)


def test_a_tall_row_after_a_blank_line_at_its_own_place_loses_neither() -> None:
    # line 2 a row, line 3 blank, lines 4 to 6 a tall row, line 7 a row
    found, after = places(2, 3, [Span(1, 3)], (), [3])
    assert [_line(found, n) for n in range(3)] == [2, 4, 7] and after == 8


def test_a_tall_row_after_a_ragged_line_at_its_own_place_loses_neither() -> None:
    found, after = places(2, 2, [Span(0, 2)], [Span(2, 2)], ())
    assert [_line(found, n) for n in range(2)] == [4, 6] and after == 7


def test_a_blank_line_inside_a_tall_row_is_its_own_text() -> None:
    found, after = places(2, 2, [Span(0, 4)], (), [4])
    assert [_line(found, n) for n in range(2)] == [2, 6] and after == 7


def test_rows_that_run_into_one_another_are_held() -> None:
    with pytest.raises(Held, match="near line 4"):
        places(2, 3, [Span(0, 4)], [Span(4, 1)], ())


@pytest.mark.parametrize(("position", "ends"), [(0, 0), (1, 0), (2, 1), (3, 2), (5, 2)])
def test_line_ends_before_a_position(tmp_path: Path, position: int, ends: int) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"a\n\nbc")
    assert lines_at(path, [position]) == [ends]
