"""Reads XLSX and OpenDocument sheets with their cell types, and refuses what a sheet can hide."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pyarrow as pa
import python_calamine

from dagster_srp.contracts import Column, Contract
from dagster_srp.landing.headers import NAMELESS, match_names, tidy, told_of
from dagster_srp.landing.held import Held, without_header
from dagster_srp.landing.packed import reading_zip
from dagster_srp.landing.parts import Opened, TablePart
from dagster_srp.landing.scan import CHUNK

Cell = int | float | str | bool | dt.date | dt.time | dt.datetime | dt.timedelta

SHEET = re.compile(r"worksheets/[^/]+\.xml$|^content\.xml$")
FROM_ROW_ZERO = re.compile(rb"(<(?:\w+:)?dimension [^>]*?\bref=\")[A-Z]+0(?::[A-Z]*\d*)?(?=\")")
"""The range that some export tools state of a sheet, with a row that no sheet has."""

DANGERS = {
    "formulas, whose values may be stale. Paste the values only": {
        "xlsx": re.compile(rb"<(?:\w+:)?f[ >/]"),
        "ods": re.compile(rb"table:formula="),
    },
    "merged cells, whose rows cannot be told apart. Unmerge them": {
        "xlsx": re.compile(rb"<(?:\w+:)?mergeCell[ >]"),
        "ods": re.compile(rb"table:number-(?:columns|rows)-spanned=\"(?!1\")"),
    },
    "errors such as #N/A where values should be. Mend them": {
        "xlsx": re.compile(rb"<(?:\w+:)?c [^>]*?\bt=\"e\""),
        "ods": re.compile(rb"calcext:value-type=\"error\""),
    },
}
"""What a cell's shown value does not tell, found in the sheets' own XML."""

MOST_CELLS = 10_000_000
FAR_CELL = {
    "xlsx": re.compile(rb"<(?:\w+:)?c [^>]*?\br=\"(?:[B-Z][A-Z]|[A-Z]{3})\d+\"[^>]*[^/]>"),
    "ods": re.compile(
        rb"table:number-columns-repeated=\"\d{3,}\"[^>]*>\s*(?:</table:table-cell>\s*)?"
        rb"(?:<table:table-cell[^>]*/>\s*)*<table:table-cell[^>]*[^/]>"
    ),
}
"""A cell with a value beyond column AZ, or after a long blank: a cell that is only formatted counts for nothing."""
MOST_REPEATED_ROWS = 100_000
LONG_REPEAT = re.compile(rb"table:number-rows-repeated=\"\d{4,}\"")
REPEAT_OR_TEXT = re.compile(rb"table:number-rows-repeated=\"(\d{4,18})\"|<text:p[ />]")
FILLED_CELL = re.compile(rb"<(?:\w+:)?c [^>]*?\br=\"([A-Z]{1,3})(\d{1,7})\"[^>]*[^/]>")


def open_workbook(path: Path, file_format: str, contract: Contract) -> Opened:
    """The one sheet that holds rows, as text; raises Held with every reason it cannot be trusted."""
    if reasons := list(_hidden_dangers(path, file_format)):
        raise Held(*reasons)
    sheets = sheets_of(path)
    filled = {name: rows for name, rows in sheets.items() if any(_filled(row) for row in rows)}
    if len(filled) > 1:
        reasons.append(
            f"Sheets {', '.join(repr(n) for n in filled)} all hold data, and which is the delivery is not for us to"
            " guess. Send one sheet in a workbook."
        )
    if not filled:
        reasons.append(without_header(contract))
    if reasons:
        raise Held(*reasons)
    ((_, rows),) = filled.items()
    return _table(rows, contract)


def sheets_of(path: Path) -> dict[str, list[list[Cell]]]:
    """Every sheet's rows by its name; raises Held where it is no readable workbook."""
    try:
        with _readable(path) as stream:
            book = python_calamine.load_workbook(stream)
            return {
                name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                for name in book.sheet_names
            }
    except MemoryError:
        raise
    except BaseException as error:
        # The Rust reader panics on some broken files, and a panic is not an Exception.
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise Held("Not a readable workbook. Save it again, without a password, and resend.") from error
        raise


def _readable(path: Path) -> IO[bytes]:
    """The workbook, or a copy of it where a sheet states a range from row 0: the reader refuses it, and needs no range."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        if not any(_found(archive, name, FROM_ROW_ZERO) for name in names if SHEET.search(name)):
            return path.open("rb")
        copy = io.BytesIO()
        with zipfile.ZipFile(copy, "w") as target:
            for name in names:
                content = archive.read(name)
                target.writestr(name, FROM_ROW_ZERO.sub(rb"\1A1", content) if SHEET.search(name) else content)
    copy.seek(0)
    return copy


def _table(rows: list[list[Cell]], contract: Contract) -> Opened:
    header_at = next(i for i, row in enumerate(rows) if _filled(row))
    width = max(i for i, cell in enumerate(rows[header_at]) if cell != "") + 1
    by_name = {column.name: column for column in contract.columns}
    names, unknown = match_names([tidy(str(cell)) for cell in rows[header_at][:width]], contract)
    below = list(enumerate(rows[header_at + 1 :], header_at + 2))
    overhang = [line for line, row in below if any(cell != "" for cell in row[width:])]
    if overhang:
        raise Held(
            f"Row {overhang[0]} has cells to the right of the header's last column. Clear them and resend."
        )
    body = [row for _, row in below if _filled(row)]
    blank = [line for line, row in below if not _filled(row)]
    kept = {
        name: at
        for at, name in enumerate(names)
        if not name.startswith(NAMELESS) or any(row[at] != "" for row in body)
    }
    columns = {
        name: pa.array([_text(row[at], by_name.get(name)) for row in body], pa.string())
        for name, at in kept.items()
    }
    table = pa.table(columns)
    return Opened([TablePart(table, first_line=header_at + 2, blank_lines=blank)], told_of(unknown))


def _filled(row: list[Cell]) -> bool:
    return any(cell != "" for cell in row)


def _text(cell: Cell, column: Column | None) -> str | None:
    """A cell as the partner would have written it in a CSV: dates in the contract's format, whole numbers plain.

    What the format cannot hold, such as an hour in a date, stays whole: the contract's rules then find it.
    """
    form = column.format if column and not column.separator else None
    if isinstance(cell, bool):
        return (column.true_false if column and column.true_false else ("TRUE", "FALSE"))[0 if cell else 1]
    if isinstance(cell, dt.datetime):
        cell = (cell + dt.timedelta(milliseconds=0.5)).replace(microsecond=0) if _nearly_whole(cell) else cell
        return _moment_text(cell, form)
    if isinstance(cell, dt.date):
        return _moment_text(dt.datetime(cell.year, cell.month, cell.day), form)
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    text = str(cell)
    return text if text != "" else None


def _nearly_whole(moment: dt.datetime) -> bool:
    """Whether it is a second but for the last bits of a sheet's number."""
    return moment.microsecond < 500 or moment.microsecond > 999_500


def _moment_text(moment: dt.datetime, form: str | None) -> str:
    if form:
        text = moment.strftime(form)
        if dt.datetime.strptime(text, form) == moment:
            return text
    return moment.isoformat(sep=" ") if moment.time() != dt.time() else moment.date().isoformat()


def _hidden_dangers(path: Path, file_format: str) -> Iterator[str]:
    with reading_zip("Not a readable workbook: it is damaged"), zipfile.ZipFile(path) as archive:
        sheets = [n for n in archive.namelist() if SHEET.search(n)]
        for name in sheets:
            for what, patterns in DANGERS.items():
                if _found(archive, name, patterns[file_format]):
                    yield f"{name} holds {what}, and resend."
            if _reaches_too_far(archive, name, file_format):
                yield (
                    f"{name} holds a value so far to the right or below that the sheet would be more than"
                    f" {MOST_CELLS:,} cells. Delete what stands outside the table, and resend."
                )


def _reaches_too_far(archive: zipfile.ZipFile, name: str, file_format: str) -> bool:
    if file_format == "ods":
        return _found(archive, name, FAR_CELL["ods"]) or _repeated_rows(archive, name) > MOST_REPEATED_ROWS
    return _found(archive, name, FAR_CELL["xlsx"]) and _cells_up_to_the_furthest(archive, name) > MOST_CELLS


def _repeated_rows(archive: zipfile.ZipFile, name: str) -> int:
    """How many rows are written as repeats of one, up to the last text: those below it are never read."""
    if not _found(archive, name, LONG_REPEAT):
        return 0
    repeated = needed = 0
    tail = b""
    with archive.open(name) as stream:
        while chunk := stream.read(CHUNK):
            whole = tail + chunk
            tail = b"" if len(chunk) < CHUNK else whole[-200:]
            for found in REPEAT_OR_TEXT.finditer(whole, 0, len(whole) - len(tail)):
                repeated += int(found[1] or 0)
                needed = needed if found[1] else repeated
    return needed


def _cells_up_to_the_furthest(archive: zipfile.ZipFile, name: str) -> int:
    """The reader keeps every cell up to the furthest: one stray value in the last corner makes 17,000 million."""
    width = height = 0
    tail = b""
    with archive.open(name) as stream:
        while chunk := stream.read(CHUNK):
            for found in FILLED_CELL.finditer(tail + chunk):
                width, height = max(width, _column_number(found[1])), max(height, int(found[2]))
            tail = chunk[-200:]
    return width * height


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - ord("A") + 1
    return number


def _found(archive: zipfile.ZipFile, name: str, pattern: re.Pattern[bytes]) -> bool:
    tail = b""
    with archive.open(name) as stream:
        while chunk := stream.read(CHUNK):
            if pattern.search(tail + chunk):
                return True
            tail = chunk[-200:]
    return False
