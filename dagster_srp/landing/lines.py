"""Says on which line of the delivered file each loaded row stands, when rows and lines are not one to one.

The reader gives rows in order and nothing else. What pushes a row down from its ordinal is a taller row above it (line
ends inside quotes), a ragged row that was not loaded, or a blank line; this module adds them up, event by event.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dagster_srp.landing.held import Held
from dagster_srp.landing.scan import chunks_of


@dataclass(frozen=True)
class Place:
    """From loaded row `from_row` on, a row's line is its ordinal plus `offset`, in that member of the delivery."""

    from_row: int
    offset: int
    member: str | None = None


@dataclass(frozen=True)
class Span:
    """A thing that takes `height` lines; `at` is a row's ordinal or a line, as the name of the argument says."""

    at: int
    height: int


def places(
    first_line: int,
    rows: int,
    tall_rows: Sequence[Span],
    ragged_lines: Sequence[Span],
    blank_lines: Sequence[int],
) -> tuple[list[Place], int]:
    """The places of `rows` loaded rows, and the line after the last; raises Held where they cannot all stand.

    A blank line inside a tall or ragged row is that row's own text, and is not counted again. Where a ragged or blank line
    stands at the very line that a tall row would take, the tall row comes after it.
    """
    offset = free = first_line
    found = [Place(0, offset)]
    tall, ragged, blank = 0, 0, 0
    never = (
        first_line
        + rows
        + sum(s.height for s in tall_rows)
        + sum(s.height for s in ragged_lines)
        + len(blank_lines)
    )
    while True:
        while blank < len(blank_lines) and blank_lines[blank] < free:
            blank += 1
        tall_line = tall_rows[tall].at + offset if tall < len(tall_rows) else never
        ragged_line = ragged_lines[ragged].at if ragged < len(ragged_lines) else never
        blank_line = blank_lines[blank] if blank < len(blank_lines) else never
        line = min(tall_line, ragged_line, blank_line)
        if line == never:
            return found, offset + rows
        if line < free:
            raise Held(f"Rows run into one another near line {line}. Check the quotes there, and resend.")
        if line == tall_line and line not in (ragged_line, blank_line):
            span = tall_rows[tall]
            offset += span.height - 1
            free = line + span.height
            found.append(Place(span.at + 1, offset))
            tall += 1
            continue
        height = ragged_lines[ragged].height if line == ragged_line else 1
        found.append(Place(line - offset, offset + height))
        offset += height
        free = line + height
        ragged, blank = (ragged + 1, blank) if line == ragged_line else (ragged, blank + 1)


def blank_lines(path: Path, first_line: int, has_header: bool) -> list[int]:
    """The lines, counted as in the delivered file, that hold nothing but their end."""
    start = first_line - 1 if has_header else first_line
    with path.open("rb") as stream:
        return [line for line, text in enumerate(stream, start) if text in (b"\n", b"\r\n", b"\r")]


def lines_at(path: Path, positions: Sequence[int]) -> list[int]:
    """For each ascending byte position, how many line ends stand before it."""
    found: list[int] = []
    ends = read = 0
    waiting = iter(positions)
    position = next(waiting, None)
    with path.open("rb") as stream:
        for chunk in chunks_of(stream):
            at = 0
            while position is not None and position <= read + len(chunk):
                ends += chunk.count(b"\n", at, position - read)
                at = position - read
                found.append(ends)
                position = next(waiting, None)
            ends += chunk.count(b"\n", at)
            read += len(chunk)
    return found
