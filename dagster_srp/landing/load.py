"""Loads parts of a delivery into the temporary table `load`, judged as they are read; what cannot be split goes to `ragged`.

A row of `load` holds the contract's columns in their own types; where it breaks a rule it holds also `row_text`, the row
whole, and `reasons`, every rule it breaks. Both are null in a row that holds. Judging while reading costs one pass.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import IO

import duckdb
import pyarrow as pa

from dagster_srp.contracts import Contract
from dagster_srp.duck import file_literal, literal, value_of
from dagster_srp.landing.faults import concerns_home
from dagster_srp.landing.headers import NAMELESS, UNKNOWN
from dagster_srp.landing.held import Held
from dagster_srp.landing.lines import Place, Span, blank_lines, lines_at, places
from dagster_srp.landing.parts import ParquetPart, Part, TablePart, TextPart
from dagster_srp.landing.rules import joined, judged, written

LINE_ENDS = "chr(10) || chr(13)"
MOST_OTHERS = 200
"""How many columns that the contract does not know are looked at together: each costs memory in every batch of rows."""
LONGEST_LINE = 2_000_000
"""Bytes of the longest row that is read: a quote that is never closed must not swallow the rest of a file unseen."""


@dataclass(frozen=True)
class Loaded:
    """How many rows `load` and `ragged` hold, and where the rows of `load` stand in the delivery."""

    rows: int
    ragged: int
    places: list[Place]
    nameless: bool = False
    """Whether columns without a header hold values beyond those that `load` looked at."""


def load_parts(
    connection: duckdb.DuckDBPyConnection, parts: Sequence[Part], contract: Contract
) -> Loaded | None:
    """Fills `load` and `ragged` (member, line, row_text, reasons); raises Held.

    Several texts are read in one statement, and None tells that they must be read one by one: a ragged row, a blank line
    or a line end inside quotes makes rows and lines differ, and each file's lines are counted for themselves.
    """
    connection.execute("drop table if exists load")
    connection.execute(
        "create or replace temp table ragged (member varchar, line integer, row_text varchar, reasons varchar[])"
    )
    texts = [part for part in parts if isinstance(part, TextPart)]
    if texts:
        loaded = _load_texts(connection, texts, contract)
        return loaded and replace(loaded, nameless=_nameless_beyond(connection, texts))
    (part,) = parts
    match part:
        case TablePart(table=table):
            connection.register("sheet", table)
            _fill(connection, contract, "sheet", list(table.column_names), has_nul=False)
            connection.unregister("sheet")
            rows = value_of(connection, "select count(*) from load")
            return Loaded(rows, 0, places(part.first_line, rows, (), (), part.blank_lines)[0])
        case ParquetPart():
            return _load_parquet(connection, part, contract)
    raise TypeError(f"no reader for {type(part).__name__}")


def _load_parquet(connection: duckdb.DuckDBPyConnection, part: ParquetPart, contract: Contract) -> Loaded:
    given = [c for c in contract.columns if c.name in part.columns]
    values = ", ".join(f"{written(c, *part.columns[c.name])} as {c.name}" for c in given)
    source = f"(select {values} from read_parquet({file_literal(part.path)}))"
    try:
        _fill(connection, contract, source, [c.name for c in given], has_nul=False)
    except duckdb.Error as error:
        if concerns_home(error) or isinstance(error, duckdb.OutOfMemoryException):
            raise
        # Damaged pages raise whatever the decoder stumbled over, up to a bare Error.
        raise Held(
            "The Parquet file is damaged: its pages cannot be read. Write it again and resend."
        ) from error
    return Loaded(value_of(connection, "select count(*) from load"), 0, [Place(0, 1)])


def alike(parts: Sequence[Part]) -> bool:
    """Whether one statement can read them all: one part, or texts with the same columns in the same order."""
    shapes = {
        (tuple(p.columns), p.delimiter, p.has_header, p.has_nul) if isinstance(p, TextPart) else None
        for p in parts
    }
    return len(parts) == 1 or (len(shapes) == 1 and None not in shapes)


def _fill(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    source: str,
    columns: list[str],
    *,
    has_nul: bool,
    heights: bool = False,
) -> None:
    left_out = [c.name for c in contract.columns if c.name not in columns]
    columns = _looked_at(columns)
    texts = ", ".join(
        [f'"{name}" as text_{name}' for name in columns]
        + [f"null::varchar as text_{name}" for name in left_out]
    )
    whole = joined([f"text_{name}" for name in columns])
    extra = f"length({whole}) - length(replace({whole}, chr(10), '')) as breaks" if heights else ""
    connection.execute(
        f"create temp table load as {judged(contract, f'select {texts} from {source}', columns, has_nul, extra)}"
    )


def _looked_at(columns: Sequence[str]) -> list[str]:
    """The contract's columns, and the first of the others: those are only kept in quarantine, and thousands would cost."""
    others = [name for name in columns if name.startswith((UNKNOWN, NAMELESS))]
    beyond = set(others[MOST_OTHERS:])
    return [name for name in columns if name not in beyond]


def _nameless_beyond(connection: duckdb.DuckDBPyConnection, parts: list[TextPart]) -> bool:
    """Whether a column without a header that was not looked at holds a value, asked of some columns at a time."""
    looked_at = set(_looked_at(parts[0].columns))
    beyond = [name for name in parts[0].columns if name.startswith(NAMELESS) and name not in looked_at]
    for at in range(0, len(beyond), MOST_OTHERS):
        blank = joined([f'"{name}"' for name in beyond[at : at + MOST_OTHERS]])
        source = _source(parts, "ignore_errors = true")
        if connection.execute(f"select 1 from {source} where trim({blank}) <> '' limit 1").fetchone():
            return True
    return False


def _load_texts(
    connection: duckdb.DuckDBPyConnection, parts: list[TextPart], contract: Contract
) -> Loaded | None:
    _read(connection, parts, contract, heights=False)
    rows = value_of(connection, "select count(*) from load")
    broken = value_of(connection, "select count(distinct (file_id, line)) from reject_errors")
    if len(parts) > 1:
        if broken or rows != sum(part.row_lines for part in parts):
            return None
        return Loaded(rows, 0, _consecutive(parts))
    (part,) = parts
    if rows + broken == part.row_lines:
        if not broken:
            return Loaded(rows, 0, [Place(0, part.first_line, part.member)])
        # One row a line: the reader's own count of lines is right, and no row is taller than its line.
        header = 1 if part.has_header else 0
        ragged = _ragged(connection, part)
        spans = [Span(line + part.first_line - header - 1, 1) for _, line, _, _ in ragged]
        return _placed(connection, part, rows, (), ragged, spans, ())
    _read(connection, parts, contract, heights=True)
    tall = [
        Span(int(at), int(breaks) + 1)
        for at, breaks in connection.execute(
            "select rowid - (select min(rowid) from load), breaks from load where breaks > 0 order by rowid"
        ).fetchall()
    ]
    ragged = _ragged(connection, part)
    before = part.first_line - (1 if part.has_header else 0)
    at_lines = lines_at(part.path, [start for start, *_ in ragged])
    spans = [
        Span(before + ends, text.count("\n") + 1)
        for ends, (_, _, text, _) in zip(at_lines, ragged, strict=True)
    ]
    return _placed(
        connection, part, rows, tall, ragged, spans, blank_lines(part.path, part.first_line, part.has_header)
    )


def _consecutive(parts: list[TextPart]) -> list[Place]:
    found, row = [], 0
    for part in parts:
        found.append(Place(row, part.first_line - row, part.member))
        row += part.row_lines
    return found


def _read(
    connection: duckdb.DuckDBPyConnection, parts: list[TextPart], contract: Contract, *, heights: bool
) -> None:
    part = parts[0]
    source = _source(parts, "store_rejects = true, rejects_limit = 0")
    for table in ("load", "reject_errors", "reject_scans"):
        connection.execute(f"drop table if exists {table}")
    try:
        _fill(connection, contract, source, part.columns, has_nul=part.has_nul, heights=heights)
    except duckdb.InvalidInputException as error:
        first = str(error).splitlines()[0].removeprefix("Invalid Input Error: ")
        raise Held(f"The text cannot be read as rows ({first}). Check its quotes, and resend.") from error


def _source(parts: list[TextPart], on_error: str) -> str:
    """The texts as a table function, every column as text."""
    part = parts[0]
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in part.columns)
    files = ", ".join(file_literal(p.path) for p in parts)
    return (
        f"read_csv([{files}], auto_detect = false, header = {part.has_header}, delim = {literal(part.delimiter)},"
        f" quote = '\"', escape = '\"', columns = {{{columns}}}, strict_mode = true, null_padding = false,"
        f" compression = 'none', max_line_size = {LONGEST_LINE}, {on_error})"
    )


def _ragged(connection: duckdb.DuckDBPyConnection, part: TextPart) -> list[tuple[int, int, str, str]]:
    """(byte at which it begins, the reader's line, whole text, reason) of each row that was not split; raises Held.

    A quote that swallows line ends leaves it unknown where the next row begins: then no row of the file can be trusted.
    """
    rows = connection.execute(
        f"select min(line_byte_position), line, any_value(trim(csv_line, {LINE_ENDS})),"
        " string_agg(distinct error_message, '; ' order by error_message), bool_or(error_type = 'UNQUOTED VALUE'),"
        " bool_or(error_type = 'LINE SIZE OVER MAXIMUM') from reject_errors group by line order by line"
    ).fetchall()
    ragged = []
    with part.path.open("rb") as stream:
        for position, line, text, reason, is_unquoted, is_too_long in rows:
            start = _start(stream, position)
            if is_too_long:
                stream.seek(start)
                text = stream.readline().decode("utf-8").rstrip("\r\n")
                reason = f"The line is longer than {LONGEST_LINE:,} bytes"
            if (is_unquoted and "\n" in text) or (is_too_long and len(text.encode()) < LONGEST_LINE):
                at = lines_at(part.path, [start])[0] + part.first_line - (1 if part.has_header else 0)
                raise Held(
                    f"A quote opened on line {at} is not closed where it should be, so the rows after it cannot be told"
                    " apart. Double the quotes inside texts, and resend."
                )
            ragged.append((start, int(line), str(text), str(reason)))
    return ragged


def _start(stream: IO[bytes], position: int) -> int:
    """The byte at which a row begins: in CRLF files the reader's position, counted from 1, lies in the line ends before it."""
    stream.seek(position - 1)
    start = position - 1
    while (byte := stream.read(1)) in (b"\r", b"\n") and byte:
        start += 1
    return start


def _placed(
    connection: duckdb.DuckDBPyConnection,
    part: TextPart,
    rows: int,
    tall: Sequence[Span],
    ragged: list[tuple[int, int, str, str]],
    spans: list[Span],
    blank: Sequence[int],
) -> Loaded:
    """Fills `ragged`, once every line of the file is accounted for; raises Held where one is not."""
    found, after = places(part.first_line, rows, tall, spans, blank)
    only_ends = re.compile(rf"[{re.escape(part.delimiter)}\s]*")
    unsplit = [
        (span.at, text, reason)
        for span, (_, _, text, reason) in zip(spans, ragged, strict=True)
        if not only_ends.fullmatch(text)
    ]
    if after != part.first_line + part.row_lines:
        raise Held(
            f"The file has {part.row_lines:,} lines of rows, but only {after - part.first_line:,} can be told apart as"
            " rows. Check its quotes and line ends, and resend."
        )
    if unsplit:
        lines, texts, reasons = zip(*unsplit, strict=True)
        table = pa.table(
            {
                "line": pa.array(lines, pa.int32()),
                "row_text": pa.array(texts, pa.string()),
                "reason": pa.array(reasons, pa.string()),
            }
        )
        connection.register("unsplit", table)
        connection.execute(
            "insert into ragged select ?, line, row_text, [reason] from unsplit", [part.member]
        )
        connection.unregister("unsplit")
    return Loaded(rows, len(unsplit), [Place(p.from_row, p.offset, part.member) for p in found])
