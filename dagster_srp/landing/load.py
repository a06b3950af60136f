"""Loads one part of a delivery, as texts, into the temporary table `load`; the rows it cannot split go to `ragged`."""

from __future__ import annotations

import duckdb

from dagster_srp.contracts import Column, Contract
from dagster_srp.landing.held import Held
from dagster_srp.landing.parts import ParquetPart, Part, TablePart, TextPart
from dagster_srp.landing.rules import quoted


def load_part(connection: duckdb.DuckDBPyConnection, part: Part, contract: Contract) -> None:
    """Fills `load` (one `text_<name>` for each column) and `ragged` (line, row_text, reason); raises Held."""
    connection.execute("drop table if exists load")
    connection.execute("create or replace temp table ragged (line bigint, row_text varchar, reason varchar)")
    connection.execute("create or replace temp table shift (from_row bigint, lines bigint)")
    match part:
        case TextPart():
            _load_text(connection, part, contract)
        case TablePart(table=table):
            names = ", ".join(f'"{c.name}" as text_{c.name}' for c in contract.columns)
            connection.register("sheet", table)
            connection.execute(f"create temp table load as select {names} from sheet")
            connection.unregister("sheet")
        case ParquetPart():
            _load_parquet(connection, part, contract)


def first_line_of(part: Part) -> int:
    """The line in the delivered file that holds the part's first row; Parquet has rows, counted from 1."""
    return 1 if isinstance(part, ParquetPart) else part.first_line


def _load_text(connection: duckdb.DuckDBPyConnection, part: TextPart, contract: Contract) -> None:
    columns = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in part.columns)
    names = ", ".join(f'"{c.name}" as text_{c.name}' for c in contract.columns)
    for table in ("reject_errors", "reject_scans"):
        connection.execute(f"drop table if exists {table}")
    try:
        connection.execute(
            f"create temp table load as select {names} from read_csv({quoted(str(part.path))}, auto_detect = false,"
            f" header = {part.has_header}, delim = {quoted(part.delimiter)}, quote = '\"', escape = '\"',"
            f" columns = {{{columns}}}, strict_mode = true, null_padding = false,"
            " store_rejects = true, rejects_limit = 0)"
        )
    except duckdb.InvalidInputException as error:
        raise Held(f"The text cannot be read as rows: {str(error).splitlines()[0]} Write it again and resend.") from error
    offset = part.first_line - (2 if part.has_header else 1)
    connection.execute(
        "insert into ragged select line + ?, any_value(csv_line), string_agg(distinct error_message, '; '"
        " order by error_message) from reject_errors group by line order by line",
        [offset],
    )
    has_breaks = _account_for_every_line(connection, part)
    _number_lines(connection, part.first_line, has_breaks)


def _account_for_every_line(connection: duckdb.DuckDBPyConnection, part: TextPart) -> bool:
    """Whether texts hold line ends; rows and those must be the lines of the file, blank lines apart, or raises Held."""
    (swallowed,) = connection.execute(
        "select min(line) from ragged where contains(rtrim(row_text, chr(10) || chr(13)), chr(10))"
        " and contains(reason, 'quote')"
    ).fetchone() or (None,)
    if swallowed is not None:
        raise Held(
            f"A quote opened on line {swallowed} is not closed where it should be, so the rows after it cannot be told"
            " apart. Double the quotes inside texts, and resend."
        )
    rows = _count(connection, "select (select count(*) from load) + (select count(*) from ragged)")
    if rows == part.row_lines:
        return False
    inside = _count(connection, f"select coalesce(sum({_breaks(connection)}), 0) from load")
    inside += _count(
        connection,
        "select coalesce(sum(length(t) - length(replace(t, chr(10), ''))), 0)"
        " from (select rtrim(row_text, chr(10) || chr(13)) as t from ragged)",
    )
    with part.path.open("rb") as stream:
        blank = sum(1 for line in stream if not line.strip())
    if not part.row_lines - blank <= rows + inside <= part.row_lines:
        raise Held(
            f"The file has {part.row_lines:,} lines of rows ({blank:,} blank), but only {rows:,} rows could be told"
            f" apart ({inside:,} line ends inside quotes). Check its quotes and line ends, and resend."
        )
    return inside > 0


def _breaks(connection: duckdb.DuckDBPyConnection) -> str:
    """An expression that counts the line ends inside a loaded row's texts."""
    names = [str(row[0]) for row in connection.execute("describe load").fetchall()]
    return " + ".join(f"coalesce(length({name}) - length(replace({name}, chr(10), '')), 0)" for name in names)


def _number_lines(connection: duckdb.DuckDBPyConnection, first_line: int, has_breaks: bool) -> None:
    """Fills `shift`: from which loaded row on, how many lines more than its ordinal a row lies in the file.

    The reader numbers records; a ragged record and a line end inside quotes each push what follows down by a line.
    """
    breaks = _breaks(connection) if has_breaks else "0"
    row = "rowid - (select min(rowid) from load)"
    connection.execute("create or replace temp table shift (from_row bigint, lines bigint)")
    connection.execute(
        "insert into shift select line - ? - (row_number() over (order by line) - 1), 1 from ragged", [first_line]
    )
    if has_breaks:
        connection.execute(f"insert into shift select {row} + 1, {breaks} from load where {breaks} > 0")
    connection.execute(
        "create or replace temp table shift as select from_row, sum(sum(lines)) over (order by from_row) as lines"
        " from shift group by from_row"
    )
    if has_breaks:
        connection.execute(
            f"update ragged set line = line + coalesce((select sum(lines) from (select {row} + 1 as from_row,"
            f" {breaks} as lines from load where {breaks} > 0) as b where b.from_row <= ragged.line - ?), 0)",
            [first_line],
        )


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def _load_parquet(connection: duckdb.DuckDBPyConnection, part: ParquetPart, contract: Contract) -> None:
    texts = ", ".join(f"{_as_text(c, *part.columns[c.name])} as text_{c.name}" for c in contract.columns)
    connection.execute(f"create temp table load as select {texts} from read_parquet({quoted(str(part.path))})")


def _as_text(column: Column, source: str, kind: str) -> str:
    """A Parquet value as the partner would have written it in a CSV."""
    name = '"' + source.replace('"', '""') + '"'
    if kind.endswith("[]"):
        return f"array_to_string({name}, {quoted(column.separator or ';')})"
    if kind == "BOOLEAN":
        yes, no = column.true_false or ("TRUE", "FALSE")
        return f"case when {name} then {quoted(yes)} when not {name} then {quoted(no)} end"
    if column.format and (kind == "DATE" or kind.startswith("TIMESTAMP")):
        return f"strftime({name}, {quoted(column.format)})"
    return f"nullif({name}::varchar, '')"
