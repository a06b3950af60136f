"""Writes a table of texts as a partner would: in one of the formats that contracts allow, the same bytes every time."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from dagster_srp.contracts import Column, Contract
from dagster_srp.demo.spreadsheets import write_ods, write_xlsx
from dagster_srp.duck import literal, open_memory


@dataclass(frozen=True)
class WrittenExtract:
    """One file of the demo, with its data rows counted (for an archive, over all its members)."""

    feed: str
    path: Path
    rows: int


class Format(Enum):
    """How a file is written."""

    CSV = "csv"
    CSV_GZ = "csv.gz"
    WINDOWS_1252 = "windows-1252"
    SEMICOLON_CRLF = "semicolon and CRLF"
    TAB_BOM = "tab and byte order mark"
    PARQUET = "parquet"
    XLSX = "xlsx"
    ODS = "ods"

    @property
    def extension(self) -> str:
        """What the file name ends with."""
        named = (Format.CSV_GZ, Format.PARQUET, Format.XLSX, Format.ODS)
        return self.value if self in named else "csv"


def write_table(path: Path, contract: Contract, table: pa.Table, form: Format = Format.CSV) -> WrittenExtract:
    """Writes one delivery under the partner's own headers."""
    path.parent.mkdir(parents=True, exist_ok=True)
    ordered = table.select([column.name for column in contract.columns])
    named = ordered.rename_columns([column.source_name for column in contract.columns])
    match form:
        case Format.PARQUET:
            typed = pa.table({c.source_name: _typed(named[c.source_name], c) for c in contract.columns})
            pq.write_table(typed, path, compression="zstd")
        case Format.XLSX:
            write_xlsx(path, contract, named)
        case Format.ODS:
            write_ods(path, contract, named)
        case _:
            _write_csv(path, named, form)
    return WrittenExtract(contract.feed, path, table.num_rows)


def csv_bytes(table: pa.Table, path: Path, delimiter: str = ",") -> bytes:
    """The table as UTF-8 CSV; quotes only where they are needed."""
    _copy(table, path, delimiter)
    return path.read_bytes()


def _write_csv(path: Path, table: pa.Table, form: Format) -> None:
    delimiter = {Format.SEMICOLON_CRLF: ";", Format.TAB_BOM: "\t"}.get(form, ",")
    _copy(table, path, delimiter)
    match form:
        case Format.CSV_GZ:
            path.write_bytes(gzip.compress(path.read_bytes(), compresslevel=4, mtime=0))
        case Format.WINDOWS_1252:
            path.write_bytes(path.read_text(encoding="utf-8").encode("windows-1252"))
        case Format.SEMICOLON_CRLF:
            path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
        case Format.TAB_BOM:
            path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
        case _:
            pass


@cache
def _writer() -> duckdb.DuckDBPyConnection:
    """One database for all files: opening one takes longer than writing a month."""
    return open_memory()


def _copy(table: pa.Table, path: Path, delimiter: str) -> None:
    options = f"format csv, header, compression 'none', delimiter '{delimiter}'"
    connection = _writer().cursor()
    connection.register("extract", table)
    connection.execute(f"copy extract to {literal(str(path))} ({options})")
    connection.unregister("extract")


def _typed(column: pa.ChunkedArray, rule: Column) -> pa.ChunkedArray:
    """A text column in the type that Parquet has for it; true and false stay the partner's Y and N."""
    match rule.logical_type:
        case "date" if not rule.separator:
            return pc.strptime(column, format="%d/%m/%Y", unit="s").cast(pa.date32())
        case "timestamp":
            return pc.strptime(column, format="%d/%m/%Y %H:%M", unit="us")
        case "integer":
            return column.cast(pa.int32())
        case "number":
            return column.cast(pa.float64())
        case _:
            return column
