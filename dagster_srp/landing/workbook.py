"""Reads XLSX and OpenDocument sheets with their cell types, and refuses what a sheet can hide."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import python_calamine

from dagster_srp.contracts import Column, Contract
from dagster_srp.landing.headers import match_names, tidy
from dagster_srp.landing.held import Held
from dagster_srp.landing.parts import Opened, TablePart
from dagster_srp.landing.scan import CHUNK

Cell = int | float | str | bool | dt.date | dt.time | dt.datetime | dt.timedelta

FORMULA = {"xlsx": re.compile(rb"<f[ >/]"), "ods": re.compile(rb"table:formula=")}
MERGED = {
    "xlsx": re.compile(rb"<mergeCell[ >]"),
    "ods": re.compile(rb"table:number-(?:columns|rows)-spanned=\"(?!1\")"),
}


def open_workbook(path: Path, file_format: str, contract: Contract) -> Opened:
    """The one sheet that holds rows, as text; raises Held with every reason it cannot be trusted."""
    reasons = list(_hidden_dangers(path, file_format))
    try:
        with path.open("rb") as stream:
            book = python_calamine.load_workbook(stream)
            sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    except (python_calamine.CalamineError, python_calamine.PasswordError, OSError, ValueError) as error:
        raise Held(f"Not a readable workbook ({error}). Save it again, without a password, and resend.") from error
    filled = {name: rows for name, rows in sheets.items() if any(_filled(row) for row in rows)}
    if len(filled) > 1:
        reasons.append(
            f"Sheets {', '.join(repr(n) for n in filled)} all hold data, and which is the delivery is not for us to"
            " guess. Send one sheet in a workbook."
        )
    if not filled:
        reasons.append("The workbook is empty: it has not even a header. Resend it.")
    if reasons:
        raise Held(*reasons)
    ((_, rows),) = filled.items()
    return _table(rows, contract)


def _table(rows: list[list[Cell]], contract: Contract) -> Opened:
    header_at = next(i for i, row in enumerate(rows) if _filled(row))
    width = max(i for i, cell in enumerate(rows[header_at]) if cell != "") + 1
    names, unknown = match_names([tidy(str(cell)) for cell in rows[header_at][:width]], contract)
    body = rows[header_at + 1 :]
    overhang = [header_at + 2 + i for i, row in enumerate(body) if any(cell != "" for cell in row[width:])]
    if overhang:
        raise Held(f"Row {overhang[0]} has cells to the right of the header's last column. Clear them and resend.")
    while body and not _filled(body[-1]):
        body.pop()
    columns = {
        c.name: pa.array([_text(row[names.index(c.name)], c) for row in body], pa.string()) for c in contract.columns
    }
    warnings = [f"Columns not in the contract are not loaded: {', '.join(unknown)}."] if unknown else []
    return Opened([TablePart(pa.table(columns), first_line=header_at + 2)], warnings)


def _filled(row: list[Cell]) -> bool:
    return any(cell != "" for cell in row)


def _text(cell: Cell, column: Column) -> str | None:
    """A cell as the partner would have written it in a CSV: dates in the contract's format, whole numbers plain."""
    if isinstance(cell, bool):
        return (column.true_false or ("TRUE", "FALSE"))[0 if cell else 1]
    if isinstance(cell, dt.datetime | dt.date):
        if column.format and column.separator is None:
            return cell.strftime(column.format)
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    text = str(cell)
    return text if text != "" else None


def _hidden_dangers(path: Path, file_format: str) -> Iterator[str]:
    """What a cell's shown value does not tell: formulas and merged cells, found in the sheets' own XML."""
    with zipfile.ZipFile(path) as archive:
        sheets = [n for n in archive.namelist() if re.search(r"worksheets/[^/]+\.xml$|^content\.xml$", n)]
        for name in sheets:
            if _found(archive, name, FORMULA[file_format]):
                yield f"{name} holds formulas, whose values may be stale. Paste the values only, and resend."
            if _found(archive, name, MERGED[file_format]):
                yield f"{name} holds merged cells, whose rows cannot be told apart. Unmerge them and resend."


def _found(archive: zipfile.ZipFile, name: str, pattern: re.Pattern[bytes]) -> bool:
    tail = b""
    with archive.open(name) as stream:
        while chunk := stream.read(CHUNK):
            if pattern.search(tail + chunk):
                return True
            tail = chunk[-200:]
    return False
