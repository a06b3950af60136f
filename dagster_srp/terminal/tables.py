"""Rows as tables that fit the terminal: cells never break a number, a date or a name in two."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

FOLDS_FROM = 24
"""Texts of several words that are longer than this may be folded between words."""


class Whole(str):
    """A line that is never folded, so that it can be copied: a command, or a path."""


@dataclass(frozen=True)
class Rows:
    """Rows under a title: a table where it fits, else one record beneath the other.

    `folds` names columns of long names, such as those of files, that may be folded anywhere.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    folds: tuple[str, ...] = ()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Rich's protocol: what is printed, for the width that there is."""
        cells = [[cell(value) for value in row] for row in self.rows]
        if not cells:
            yield Text(f"{self.title}: none", style="italic")
            return
        yield Text(self.title, style="italic")
        columns = [list(column) for column in zip(*cells, strict=True)]
        least = [self._least(name, texts) for name, texts in zip(self.columns, columns, strict=True)]
        room = options.max_width - 2 * (len(least) - 1) - sum(least)
        if room < 0:
            yield self._records(cells)
            return
        wanted = [
            max(_width(name), *map(_width, texts)) for name, texts in zip(self.columns, columns, strict=True)
        ]
        yield self._table(cells, _shared_out(room, least, wanted))

    def _least(self, name: str, texts: list[str]) -> int:
        """The width below which a column would break what must stay whole."""
        if name in self.folds:
            return max(_longest_word(name), min(max(map(_width, texts)), FOLDS_FROM))
        whole = _longest_word if _may_fold(texts) else _width
        return max(_longest_word(name), *map(whole, texts))

    def _table(self, cells: list[list[str]], widths: list[int]) -> Table:
        table = Table(box=SIMPLE_HEAD, show_edge=False, padding=(0, 0, 0, 1), pad_edge=False)
        table.header_style = "bold"
        table.show_header = any(map(str.strip, self.columns))
        for number, (name, width) in enumerate(zip(self.columns, widths, strict=True)):
            is_number = _is_number([row[number] for row in self.rows])
            table.add_column(
                Text(name), justify="right" if is_number else "left", overflow="fold", width=width
            )
        for row in cells:
            table.add_row(*(Text(text) for text in row))
        return table

    def _records(self, cells: list[list[str]]) -> Table:
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True, style="bold")
        table.add_column(overflow="fold")
        for row in cells:
            for name, text in zip(self.columns, row, strict=True):
                if text != "-":
                    table.add_row(Text(name), Text(text))
            table.add_row("", "")
        return table


def of_records(
    title: str, rows: Sequence[dict[str, Any]], *columns: str, folds: tuple[str, ...] = ()
) -> Rows:
    """Records that share their names; with `columns` those alone, in that order."""
    names = list(columns) or (list(rows[0]) if rows else [])
    shown = [name.removesuffix("_count").replace("_", " ") for name in names]
    folded = tuple(shown[names.index(name)] for name in folds if name in names)
    return Rows(title, shown, [[row[name] for name in names] for row in rows], folded)


def facts(title: str, values: dict[str, Any]) -> Rows:
    """One thing's facts, a line each."""
    rows = [(name.replace("_", " "), value) for name, value in values.items()]
    return Rows(title, ["", " "], rows, folds=(" ",))


def cell(value: Any) -> str:
    """One value as a person reads it."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if value.is_integer() else f"{value:,.2f}"
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d}" if value.time() == dt.time() else f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, list | tuple):
        return "\n".join(str(item) for item in value) or "-"
    return str(value)


def triangle(indicator: str, rows: list[dict[str, Any]]) -> list[Rows]:
    """What each release said of each period: a line a period, a column a release, at most five in a table."""
    releases = sorted({row["release_id"] for row in rows})
    said = {(row["period_start"], row["release_id"]): row for row in rows}
    title = f'{indicator}, {rows[0]["area_code"]} (" as before, ~ maturing)'
    tables = []
    for first in range(0, len(releases), 5):
        shown = releases[first : first + 5]
        lines = [
            [period, *(_said(said.get((period, release))) for release in shown)]
            for period in sorted({row["period_start"] for row in rows})
        ]
        tables.append(Rows(title, ["period", *shown], lines))
    return tables


def _shared_out(room: int, least: list[int], wanted: list[int]) -> list[int]:
    """Gives the room that is left to the columns that want more, evenly, and to none more than it wants."""
    widths = list(least)
    wanting = sorted(range(len(widths)), key=lambda number: wanted[number] - least[number])
    for position, number in enumerate(wanting):
        more = max(0, min(wanted[number] - least[number], room // (len(wanting) - position)))
        widths[number] += more
        room -= more
    return widths


def _said(row: dict[str, Any] | None) -> str:
    if row is None:
        return '"'
    return cell(row["value"]) + ("" if row["maturity"] == "final" else " ~")


def _is_number(values: list[Any]) -> bool:
    known = [value for value in values if value is not None]
    return bool(known) and all(isinstance(v, int | float) and not isinstance(v, bool) for v in known)


def _may_fold(texts: list[str]) -> bool:
    return any(" " in text and _width(text) > FOLDS_FROM for text in texts)


def _width(text: str) -> int:
    return max((cell_len(line) for line in text.splitlines()), default=0)


def _longest_word(text: str) -> int:
    return max((cell_len(word) for word in text.split()), default=0)
