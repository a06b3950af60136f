"""Reads demo extracts back with DuckDB, independently of the landing room, and keeps the last valid version of each record."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import re
from pathlib import Path

import duckdb
import pyarrow as pa
import python_calamine

from dagster_srp.contracts import Contract, load_contracts
from dagster_srp.demo.files import WrittenExtract

SEEDS = Path(__file__).parents[2] / "seeds"

VALID = {
    "syp_crimes": """try_strptime(recorded_date, '%d/%m/%Y') is not null
        and strptime(committed_from_date, '%d/%m/%Y') <= try_strptime(recorded_date, '%d/%m/%Y')
        and offence_code in (select offence_code from offence_groups)""",
    "syp_crime_outcomes": "outcome_type in (select outcome_type from outcome_types)",
    "syp_incidents": """try_strptime(opened_at, '%d/%m/%Y %H:%M') is not null
        and closing_category in ('asb_personal', 'asb_nuisance', 'asb_environmental', 'domestic_abuse', 'hate_non_crime', 'other')""",
    "marac_cases": "children_count::integer >= 0",
    "rmbc_asb_reports": "try_strptime(reported_at, '%d/%m/%Y %H:%M') is not null",
    "rmbc_social_care_contacts": "true",
}
"""The rules of the contracts that the demo breaks on purpose."""


def read_all(connection: duckdb.DuckDBPyConnection, written: list[WrittenExtract]) -> None:
    """The registers that the rules refer to, and every row of the feeds of VALID."""
    for seed in ("offence_groups", "outcome_types"):
        connection.execute(f"create table {seed} as from read_csv('{SEEDS / seed}.csv', all_varchar = true)")
    contracts = load_contracts()
    for feed in VALID:
        read_feed(connection, contracts[feed], [one.path for one in written if one.feed == feed])


def keep_final_versions(connection: duckdb.DuckDBPyConnection, keep_first: bool) -> None:
    """A table for each feed of VALID with the final version of its records.

    Of rows that share a key within one delivery either the first is kept or none: both are fair, and the demo's totals
    must not depend on it.
    """
    contracts = load_contracts()
    for feed, valid in VALID.items():
        key = ", ".join(contracts[feed].key)
        within = "nth = 1" if keep_first else "times = 1"
        connection.execute(
            f"""create table {feed} as
            with checked as (select * from all_{feed} where {valid}),
            counted as (
                select *, count(*) over (partition by delivery, {key}) as times,
                    row_number() over (partition by delivery, {key} order by line) as nth
                from checked
            )
            select * from counted where {within}
            qualify row_number() over (partition by {key} order by delivery desc) = 1"""
        )


def read_feed(connection: duckdb.DuckDBPyConnection, contract: Contract, paths: list[Path]) -> None:
    """Every row of a feed's files as texts, with the date of its delivery, in table all_<feed>."""
    feed = contract.feed
    columns = ", ".join(f"{column.name} varchar" for column in contract.columns)
    connection.execute(f"create table all_{feed} ({columns}, delivery varchar, line bigint)")
    for path in sorted(paths):
        delivery = re.search(r"\d{8}", path.name)
        stated = delivery.group() if delivery else ""
        table = read_file(connection, path)
        assert table.column_names == [column.source_name for column in contract.columns], path
        connection.register("incoming", table)
        connection.execute(f"insert into all_{feed} select *, '{stated}', row_number() over () from incoming")
        connection.unregister("incoming")


def read_file(connection: duckdb.DuckDBPyConnection, path: Path) -> pa.Table:
    """One file as texts under its own headers."""
    if path.suffix in (".xlsx", ".ods"):
        header, *rows = python_calamine.load_workbook(path).get_sheet_by_index(0).to_python()
        columns = list(zip(*rows, strict=True)) or [()] * len(header)
        named = zip(header, columns, strict=True)
        return pa.table({str(name): pa.array(map(_text, column), pa.string()) for name, column in named})
    if path.suffix == ".parquet":
        table = connection.execute(f"from '{path}'").to_arrow_table()
        return pa.table(
            {name: pa.array(map(_text, table[name].to_pylist()), pa.string()) for name in table.column_names}
        )
    first_line = _first_line(path)
    delimiter = next((mark for mark in ("\t", ";") if mark in first_line), ",")
    if path.suffix != ".gz" and not _is_utf8(path):
        connection.register("decoded", _decoded(path))
        table = connection.execute("from decoded").to_arrow_table()
        connection.unregister("decoded")
        return table
    query = "from read_csv(?, all_varchar = true, header = true, delim = ?, quote = '\"', auto_detect = false, columns = ?)"
    types = dict.fromkeys(first_line.split(delimiter), "VARCHAR")
    return connection.execute(query, [str(path), delimiter, types]).to_arrow_table()


def _first_line(path: Path) -> str:
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        return file.readline().decode("utf-8-sig").rstrip("\r\n")


def _is_utf8(path: Path) -> bool:
    try:
        path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _decoded(path: Path) -> pa.Table:
    header, *rows = csv.reader(path.read_text(encoding="windows-1252").splitlines())
    columns = zip(header, zip(*rows, strict=True), strict=True)
    return pa.table(
        {name: pa.array([value or None for value in column], pa.string()) for name, column in columns}
    )


def _text(value: object) -> str | None:
    match value:
        case None | "":
            return None
        case dt.datetime():
            return value.strftime("%d/%m/%Y %H:%M")
        case dt.date():
            return value.strftime("%d/%m/%Y")
        case float():
            return f"{value:g}"
        case _:
            return str(value)
