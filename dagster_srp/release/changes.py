"""Which rows of a fact one release has and the other has not.

The connection holds the two releases as `base` and `new`. Where the build only added to the last one, a fact's rows can
differ in the keys that new deliveries name and nowhere else, and only those are compared: what a month costs does not
grow with the years before it.
"""

from __future__ import annotations

import re

import duckdb

from dagster_srp.building import Dbt
from dagster_srp.duck import row_of, value_of

PERSON_COLUMNS = ("complainant_key", "caller_key")
OPEN_DATA_KEY = ("crime_id", "month")


def columns_of(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """The table's columns, in order."""
    return [str(row[0]) for row in connection.execute(f"describe {table}").fetchall()]


def touched_rows(
    connection: duckdb.DuckDBPyConnection, dbt: Dbt, fact: str, new_feeds: tuple[str, ...] | None
) -> str:
    """The condition on a fact's rows outside which no row can have changed: those keys that a new delivery names.

    An incremental fact is changed by its own key alone; one that is made anew each time may change anywhere.
    """
    if new_feeds is None:
        return "true"
    sources = dbt.sources(fact)
    feeds = [name for schema, name in sorted(sources) if schema == "landing" and name in new_feeds]
    if not feeds and ("control", "refresh") not in sources:
        return "false"
    key = dbt.grows_by(fact)
    named = []
    for feed in feeds:
        columns = ", ".join(name for name in key if name in columns_of(connection, f"landing.raw.{feed}"))
        if not columns:
            return "true"
        named.append(
            f"({columns}) in (select distinct ({columns}) from landing.raw.{feed} where _delivery_no in"
            " (select delivery_no from build.control.visible_delivery where is_new))"
        )
    return " or ".join(named) or "true"


def find_changes(
    connection: duckdb.DuckDBPyConnection, fact: str, key: tuple[str, ...], touched: str
) -> bool:
    """Makes `<fact>_before` and `<fact>_after`: the rows that one release has and the other has not.

    Only rows that are `touched` are compared. Equal rows count: of three equal rows against two, one was withdrawn.
    `is_restated` marks rows whose key both have.
    """
    columns = ", ".join(columns_of(connection, f"new.marts.{fact}"))
    # A few rows are kept; all rows of two releases would be too many, and are read again.
    kept = "view" if touched == "true" else "table"
    for database in ("base", "new"):
        connection.execute(
            f"create temp {kept} {fact}_{database} as select {columns}, hash({columns}) as h, rowid as row_no"
            f" from {database}.marts.{fact} where {touched}"
        )
    connection.execute(
        "create or replace temp table moved as select coalesce(b.h, n.h) as h, coalesce(b.c, 0) as before_count,"
        f" coalesce(n.c, 0) as after_count from (select h, count(*) as c from {fact}_base group by h) as b"
        f" full join (select h, count(*) as c from {fact}_new group by h) as n on b.h = n.h"
        " where coalesce(b.c, 0) <> coalesce(n.c, 0)"
    )
    count = value_of(connection, "select count(*) from moved")
    if not count:
        return False
    for side, database, more, less in (
        ("before", "base", "before_count", "after_count"),
        ("after", "new", "after_count", "before_count"),
    ):
        hashes = f"(select h from moved where {more} > {less})"
        if kept == "view":
            connection.execute(f"create table {fact}_{side} as from {fact}_{database} where h in {hashes}")
        else:
            connection.execute(f"delete from {fact}_{database} where h not in {hashes}")
            connection.execute(f"alter table {fact}_{database} rename to {fact}_{side}")
        connection.execute(
            f"delete from {fact}_{side} where rowid in (select row_no from (select f.rowid as row_no, moved.{more} -"
            f" moved.{less} as surplus, row_number() over (partition by f.h) as copy from {fact}_{side} as f"
            " join moved on f.h = moved.h) where copy > surplus)"
        )
    _mark_restated(connection, fact, key or tuple(c for c in OPEN_DATA_KEY if c in columns.split(", ")))
    return True


def keep_persons(connection: duckdb.DuckDBPyConnection, fact: str, query: str) -> None:
    """Makes `<fact>_beside`: the rows that did not change, of persons who have rows that did, within a year of those.

    No rule of repeats looks further than a year. Of the fact's columns those that the query names are kept: what it does
    not name it does not read. Call after find_changes.
    """
    words = set(re.findall(r"\w+", query))
    names = [name for name in columns_of(connection, f"new.marts.{fact}") if name in words]
    columns = ", ".join(names)
    person = next((name for name in names if name in PERSON_COLUMNS), None)
    if person is None:
        connection.execute(f"create table {fact}_beside as from {fact}_after limit 0")
        return
    months = [name for name in names if name.endswith("_month_date")]
    changed = ", ".join((person, *months))
    connection.execute(
        f"create or replace temp table changed as select distinct {changed} from"
        f" (select {changed} from {fact}_before union all select {changed} from {fact}_after)"
    )
    # Few columns first, and a month's rows lie together: most of a changed person's rows are further away than a year.
    # Each scan takes what lies within a year by one column of months, and by no column that was scanned before.
    spans = [_year_around(connection, name) for name in months] or ["true"]
    scans = " union all ".join(
        f"select rowid as row_no, {changed} from new.marts.{fact} where {person} in (select {person} from changed)"
        f" and {' and '.join([span, *(f'{other} is not true' for other in spans[:number])])}"
        for number, span in enumerate(spans)
    )
    near = " or ".join(f"abs(date_diff('month', kept.{name}, changed.{name})) <= 12" for name in months)
    connection.execute(
        f"create or replace temp table near as select distinct kept.* from ({scans}) as kept"
        f" join changed on kept.{person} = changed.{person} where ({near or 'true'})"
        f" and kept.row_no not in (select row_no from {fact}_after)"
    )
    span = _span(connection, months[0], "near") if months else "true"
    connection.execute(
        f"create table {fact}_beside as select {columns} from new.marts.{fact}"
        f" where rowid in (select row_no from near) and {span}"
    )


def _mark_restated(connection: duckdb.DuckDBPyConnection, fact: str, key: tuple[str, ...]) -> None:
    matched = " and ".join(f"mine.{name} = theirs.{name}" for name in key) or "false"
    for side, other in (("before", "after"), ("after", "before")):
        connection.execute(f"alter table {fact}_{side} add column is_restated boolean")
        connection.execute(
            f"update {fact}_{side} as mine set is_restated = exists (select 1 from {fact}_{other} as theirs where {matched})"
        )


def _year_around(connection: duckdb.DuckDBPyConnection, month: str) -> str:
    """The condition that a month lies no further than a year from those of `changed`."""
    return _span(connection, month, "changed", months=12)


def _span(connection: duckdb.DuckDBPyConnection, month: str, table: str, months: int = 0) -> str:
    """The condition that a month lies in the table's, or so many beyond: as literals, by which DuckDB skips what it can."""
    first, last = row_of(
        connection,
        f"select min({month}) - to_months({months}), max({month}) + to_months({months}) from {table}",
    )
    return f"({month} between '{first:%Y-%m-%d}' and '{last:%Y-%m-%d}')" if first else "false"
