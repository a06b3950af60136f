"""XLSX and OpenDocument files with fixed times inside, so that the same table gives the same bytes.

Dates are date cells and counts are number cells, as a spreadsheet program saves them.
"""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias
from xml.sax.saxutils import escape

import openpyxl
import pyarrow as pa

from dagster_srp.contracts import Column, Contract

_FIXED = (1980, 1, 1, 0, 0, 0)
_SAVED = dt.datetime(2016, 4, 1)

_ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_ODS_MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest manifest:version="1.2" '
    'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_ODS_TYPE}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
)
_ODS_CONTENT = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content office:version="1.2" '
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
    '<table:table table:name="Extract">{rows}</table:table>'
    "</office:spreadsheet></office:body></office:document-content>"
)

Cell: TypeAlias = str | int | float | dt.date | None


def write_xlsx(path: Path, contract: Contract, table: pa.Table) -> None:
    """One sheet with a header row."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Extract"
    for row in _rows(contract, table):
        sheet.append(row)
    for cells in sheet.iter_rows(min_row=2):
        for cell in cells:
            if isinstance(cell.value, dt.date):
                cell.number_format = (
                    "dd/mm/yyyy hh:mm" if isinstance(cell.value, dt.datetime) else "dd/mm/yyyy"
                )
    saved = io.BytesIO()
    book.save(saved)
    with zipfile.ZipFile(saved) as source:
        members = [(name, source.read(name)) for name in sorted(source.namelist())]
    now = book.properties.modified.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    created = book.properties.created.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    fixed = _SAVED.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    write_zip(path, [(name, data.replace(now, fixed).replace(created, fixed)) for name, data in members])


def write_ods(path: Path, contract: Contract, table: pa.Table) -> None:
    """One sheet with a header row."""
    rows = "".join(
        f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in _rows(contract, table)
    )
    content = _ODS_CONTENT.format(rows=rows)
    write_zip(
        path, [("mimetype", _ODS_TYPE), ("META-INF/manifest.xml", _ODS_MANIFEST), ("content.xml", content)]
    )


def write_zip(path: Path, members: list[tuple[str, str | bytes]]) -> None:
    """A zip whose bytes depend on its members alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as target:
        for name, data in members:
            packing = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            info = zipfile.ZipInfo(name, _FIXED)
            info.compress_type = packing
            info.external_attr = 0o644 << 16
            target.writestr(info, data)


def _rows(contract: Contract, table: pa.Table) -> Iterator[list[Cell]]:
    yield list(table.column_names)
    for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
        yield [_cell(value, rule) for value, rule in zip(row, contract.columns, strict=True)]


def _cell(value: str | None, rule: Column) -> Cell:
    if value is None or rule.separator:
        return value
    match rule.logical_type:
        case "date":
            return dt.datetime.strptime(value, "%d/%m/%Y").date()
        case "timestamp":
            return dt.datetime.strptime(value, "%d/%m/%Y %H:%M")
        case "integer":
            return int(value)
        case "number":
            return float(value)
        case _:
            return value


def _ods_cell(value: Cell) -> str:
    match value:
        case None:
            return "<table:table-cell/>"
        case dt.date():
            return (
                f'<table:table-cell office:value-type="date" office:date-value="{value.isoformat()}">'
                f"<text:p>{value.strftime('%d/%m/%Y')}</text:p></table:table-cell>"
            )
        case int() | float():
            return (
                f'<table:table-cell office:value-type="float" office:value="{value}">'
                f"<text:p>{value}</text:p></table:table-cell>"
            )
        case _:
            return f'<table:table-cell office:value-type="string"><text:p>{escape(value)}</text:p></table:table-cell>'
