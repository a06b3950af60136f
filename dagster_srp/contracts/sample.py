"""Sample files as one table of texts, read as landing reads a delivery. Knows no contract: every column is a text."""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dagster_srp.contracts.model import Column, Contract, ExtractedAt
from dagster_srp.duck import file_literal, identifier, literal, open_memory
from dagster_srp.landing.headers import DELIMITERS, HEAD_BYTES, tidy
from dagster_srp.landing.held import Held
from dagster_srp.landing.load import load_parts
from dagster_srp.landing.packed import Limits, unpack_gzip
from dagster_srp.landing.readers import ENDINGS, format_of, open_delivery
from dagster_srp.landing.workbook import sheets_of

TYPED = ("xlsx", "ods", "parquet")
"""Formats whose days are days, whatever way a person sees them written."""
LIMITS = Limits(max_bytes=1 << 33, max_ratio=1000)


@dataclass(frozen=True)
class Sample:
    """The table `sample` of a connection: a column for each header, by its name here, and `_file`, the file's number."""

    connection: duckdb.DuckDBPyConnection
    headers: dict[str, str]
    files: tuple[Path, ...]


@contextmanager
def read_sample(files: Sequence[Path]) -> Iterator[Sample]:
    """The rows of all files under the headers of the first; raises Held where a file cannot be read or has other headers."""
    headers = _named(_headers(files[0]))
    contract = _all_texts(headers)
    with open_memory() as connection, tempfile.TemporaryDirectory(prefix="srp-draft-") as work:
        columns = ", ".join([f"{name} varchar" for name in headers])
        connection.execute(f"create table sample (_file integer, {columns})")
        for number, path in enumerate(files):
            folder = Path(work) / str(number)
            folder.mkdir()
            for part in open_delivery(path, path.name, contract, folder, LIMITS).parts:
                load_parts(connection, [part], contract)
                connection.execute(f"insert into sample select {number}, {', '.join(headers)} from load")
        yield Sample(connection, headers, tuple(files))


def snake(header: str) -> str:
    """A header as a column's name here."""
    name = re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", header).lower()).strip("_")
    return name if name and not name[0].isdigit() else f"column_{name}".rstrip("_")


def _named(headers: Sequence[str]) -> dict[str, str]:
    if 2 * sum(header == "" for header in headers) >= len(headers):
        raise Held(
            "The first line is no header: most of its cells are blank. Delete the titles above the table, and draft again."
        )
    with open_memory() as connection:
        query = "select keyword_name from duckdb_keywords() where keyword_category = 'reserved'"
        reserved = {word for (word,) in connection.execute(query).fetchall()}
    named: dict[str, str] = {}
    for header in headers:
        name = snake(header)
        name += "_value" if name in reserved else ""
        while name in named:
            name += "_2"
        named[name] = header
    return named


def _headers(path: Path) -> list[str]:
    match format_of(path.name):
        case "xlsx" | "ods":
            rows = (
                row for sheet in sheets_of(path).values() for row in sheet if any(cell != "" for cell in row)
            )
            return [tidy(str(cell)) for cell in next(rows, []) if cell != ""]
        case "parquet":
            with open_memory() as connection:
                described = connection.execute(f"describe select * from read_parquet({file_literal(path)})")
                return [str(row[0]) for row in described.fetchall()]
        case "csv":
            return _text_headers(path)
        case "csv.gz":
            with tempfile.TemporaryDirectory(prefix="srp-draft-") as work:
                unpack_gzip(path, Path(work) / "unpacked.csv", LIMITS)
                return _text_headers(Path(work) / "unpacked.csv")
        case _:
            raise Held(f"{path.name!r} is no sample: give files that end in {', '.join(ENDINGS[:-1])}.")


def _text_headers(path: Path) -> list[str]:
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES).decode("utf-8-sig", errors="replace")
    found: list[str] = []
    for delimiter in DELIMITERS:
        records = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
        first = next((fields for fields in records if any(fields)), [])
        if len(first) > len(found):
            found = [tidy(field) for field in first]
    if not any(found):
        raise Held(f"{path.name!r} is empty: it has not even a header.")
    return found


def _all_texts(headers: dict[str, str]) -> Contract:
    columns = tuple(
        Column(name, header, "", "string", "VARCHAR", False, "personal") for name, header in headers.items()
    )
    return Contract(
        feed="sample",
        version="",
        partner="",
        row_meaning="",
        restates_by="append",
        key=(),
        replaces_by=(),
        period_column=None,
        columns=columns,
        row_rules=(),
        cadence_months=1,
        file_formats=tuple(ending for ending in ENDINGS if ending != "zip"),
        extracted_at=ExtractedAt("name", r"(\d{8})"),
        quarantine_threshold=1.0,
        zip_member=None,
        has_preamble=False,
        content_hash="",
    )


def texts(sample: Sample, name: str) -> str:
    """A query for the filled texts of a column, as `v`, and whether they come from a file whose cells have types."""
    typed = ", ".join(str(n) for n, path in enumerate(sample.files) if format_of(path.name) in TYPED) or "-1"
    return (
        f"(select {identifier(name)} as v, _file in ({typed}) as is_typed from sample"
        f" where {identifier(name)} is not null)"
    )


def all_match(sample: Sample, name: str, pattern: str) -> bool:
    """Whether every filled text of a column matches a pattern whole."""
    found = sample.connection.execute(
        f"select bool_and(regexp_full_match(v, {literal(pattern)})) from {texts(sample, name)}"
    ).fetchone()
    return bool(found and found[0])
