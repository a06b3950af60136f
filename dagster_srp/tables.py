"""Rows as tables for a terminal. Nothing heavy is imported here: every verb of `srp` prints one."""

from __future__ import annotations

from typing import Any

from rich.table import Table


def plain(text: str) -> str:
    """The text as it is, whatever in it looks like markup."""
    return text.replace("[", r"\[")


def table_of(title: str, columns: list[str], rows: list[tuple[Any, ...]]) -> Table:
    """A table with numbers to the right."""
    table = Table(title=title, title_justify="left", header_style="bold")
    for number, name in enumerate(columns):
        numeric = bool(rows) and isinstance(rows[0][number], int | float)
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(cell(value) for value in row))
    return table


def cell(value: Any) -> str:
    """One value as a person reads it."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.2f}"
    if isinstance(value, list):
        return plain("\n".join(str(item) for item in value))
    return plain(str(value))


def table_of_records(title: str, rows: list[dict[str, Any]]) -> Table:
    """A table of records that share their names."""
    columns = list(rows[0]) if rows else ["none"]
    return table_of(title, columns, [tuple(row.values()) for row in rows])


def triangle(indicator: str, rows: list[dict[str, Any]]) -> Table:
    """What each release said of each period: a line a period, a column a release; `rows` are of one area."""
    releases = sorted({row["release_id"] for row in rows})
    told = {(row["period_start"], row["release_id"]): row for row in rows}
    lines = []
    for period in sorted({row["period_start"] for row in rows}):
        cells: list[Any] = [period]
        for release in releases:
            row = told.get((period, release))
            mark = "" if row is None or row["maturity"] == "final" else " ~"
            cells.append('"' if row is None else f"{cell(row['value'])}{mark}")
        lines.append(tuple(cells))
    return table_of(
        f'{indicator}, {rows[0]["area_code"]} (" as before, ~ maturing)', ["period", *releases], lines
    )
