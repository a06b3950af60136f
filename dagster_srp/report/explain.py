"""Explains one figure: says who, from which rows, by which rule."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from dagster_srp.contracts import load_contracts
from dagster_srp.duck import Engine, attach, open_file, records, row_of
from dagster_srp.errors import NoSuchFigure, NoSuchName
from dagster_srp.home import Home
from dagster_srp.release import current_release_id, read_manifest
from dagster_srp.release.counting import Counted, Figure, counted_rows, delivered_by, read_counting
from dagster_srp.release.vintages import RELEASED_FILE

TOLERANCE = 0.01
"""Weights are rounded to three decimals in each month and place, so that their sum may differ in the third."""


@dataclass(frozen=True)
class Part:
    """One part of a figure: the rows that it counts, and what counting them now gives.

    `rows_query` lists the rows and `total_query` counts them; `run_in` opens the file that has the tables. `total` is
    None where this account cannot read that file, and `agrees` says whether it is the released part.
    """

    part: str
    model: str
    counts: str
    rows_query: str
    total_query: str
    run_in: str
    total: float | None
    agrees: bool | None


@dataclass(frozen=True)
class Explanation:
    """Everything that stands behind an indicator's figures in the current release.

    `values` has one dict for each area asked for. `parts` and `deliveries` are of one of them, `explained_area`: the one
    asked for, else the home partnership's or the first. `deliveries` counts, by delivery, the rows of the numerator;
    `deliveries_note` says why where it cannot.
    """

    release_id: str
    is_demo: bool
    register: dict[str, Any]
    values: list[dict[str, Any]]
    explained_area: str
    parts: list[Part]
    parts_note: str | None
    deliveries: list[dict[str, Any]]
    deliveries_note: str | None
    caveats: list[dict[str, Any]]
    vintages: list[dict[str, Any]]


def explain(
    home: Home,
    indicator_id: str,
    period: str | None,
    area_code: str | None = None,
    engine: Engine | None = None,
) -> Explanation:
    """Explains an indicator's figures; raises NoSuchFigure.

    `period` is a financial year (2016/17), a quarter (2016/17 Q1), a month (2016-04) or a period's first day; without
    one it is the latest year.
    """
    current = current_release_id(home)
    if current is None:
        raise NoSuchFigure("Nothing is released yet: run `srp refresh`.")
    folder = home.releases / current
    manifest = read_manifest(folder / "manifest.json")
    with open_file(folder / RELEASED_FILE, engine) as connection:
        register = _register(connection, indicator_id)
        period_type, start = _period(connection, indicator_id, period)
        figure = [indicator_id, period_type, start, area_code]
        values = records(connection, VALUES, figure)
        if not values:
            raise NoSuchFigure(f"{current} has no value of {indicator_id} for {period_type} {start}.")
        explained = next((row for row in values if row["role"] == "home"), values[0])
        caveats = records(
            connection, CAVEATS, [indicator_id, values[0]["period_end"], values[0]["period_start"]]
        )
        vintages = records(connection, VINTAGES, figure)
    feeds = [feed.strip() for feed in str(register["source_feeds"]).split(";")]
    counted, note = _counted(folder, register, explained)
    parts, deliveries, deliveries_note = _looked_at(home, folder, counted, explained, feeds, engine)
    return Explanation(
        current,
        manifest.is_demo,
        register,
        values,
        str(explained["area_code"]),
        parts,
        note,
        deliveries,
        deliveries_note if counted else note,
        caveats,
        vintages,
    )


def _counted(
    folder: Path, register: Mapping[str, Any], explained: Mapping[str, Any]
) -> tuple[list[Counted], str | None]:
    """What the figure counts, and why not where it cannot be said."""
    queries = read_counting(folder)
    if not queries:
        return [], "This release was made by code that did not keep its queries: the next refresh keeps them."
    figure = Figure(
        str(register["indicator_id"]),
        str(explained["unit"]),
        str(explained["period_type"]),
        explained["period_start"],
        explained["period_end"],
        str(explained["area_type"]),
        str(explained["area_code"]),
    )
    counted = counted_rows(queries, figure)
    return counted, None if counted else "No query of this release counts the indicator."


def _looked_at(
    home: Home,
    folder: Path,
    counted: Sequence[Counted],
    explained: Mapping[str, Any],
    feeds: Sequence[str],
    engine: Engine | None,
) -> tuple[list[Part], list[dict[str, Any]], str | None]:
    """The parts with what counting gives, and the deliveries that the numerator's rows came by."""
    with ExitStack() as stack:
        released = stack.enter_context(open_file(folder / RELEASED_FILE, engine))
        restricted = _restricted(stack, home, folder, engine)
        parts = [
            _part(home, folder, one, released if one.is_released else restricted, explained)
            for one in counted
        ]
        if not counted:
            return parts, [], None
        if restricted is None:
            return parts, [], "Deliveries are in the restricted warehouse, which this account cannot read."
        columns = {str(row[0]) for row in restricted.execute(f"describe {counted[0].rows_query}").fetchall()}
        contracts = load_contracts()
        for feed in feeds:
            if contracts[feed].key and columns.issuperset(contracts[feed].key):
                query = delivered_by(counted[0].rows_query, contracts[feed])
                return parts, records(restricted, query, []), None
        return (
            parts,
            [],
            "The rows counted are sums or events of persons, and none is one record of a delivery.",
        )


def _part(
    home: Home,
    folder: Path,
    one: Counted,
    connection: duckdb.DuckDBPyConnection | None,
    explained: Mapping[str, Any],
) -> Part:
    total = None
    if connection is not None:
        (found,) = row_of(connection, one.total_query)
        total = float(found or 0)
    said = explained[one.part]
    agrees = None if total is None or said is None else abs(total - float(said)) < TOLERANCE
    run_in = f"duckdb -readonly {folder / RELEASED_FILE}"
    if not one.is_released:
        run_in = (
            f"duckdb -readonly {home.workplace.build}, after: attach '{folder / RELEASED_FILE}' as srp (read_only);"
            f" attach '{home.workplace.landing}' as landing (read_only);"
        )
    return Part(one.part, one.model, one.counts, one.rows_query, one.total_query, run_in, total, agrees)


def _restricted(
    stack: ExitStack, home: Home, folder: Path, engine: Engine | None
) -> duckdb.DuckDBPyConnection | None:
    """The restricted warehouse with the release's own marts in it; None where this account cannot read it now."""
    try:
        connection = stack.enter_context(open_file(home.workplace.build, engine))
        attach(connection, folder / RELEASED_FILE, "srp")
        attach(connection, home.workplace.landing, "landing")
    except (duckdb.Error, OSError):
        return None
    return connection


VALUES = """
select v.period_type, v.period_start, v.period_end, v.area_type, v.area_code, v.numerator, v.denominator, v.value,
    v.unit, i.lower_95, i.upper_95, i.method, v.maturity, a.role
from marts.indicator_values as v
left join (select distinct area_type, area_code, role from marts.dim_area) as a using (area_type, area_code)
left join marts.indicator_intervals as i
    using (indicator_id, period_type, period_start, area_type, area_code)
where v.indicator_id = $1 and v.period_type = $2 and v.period_start = $3
    and (area_code = $4 or ($4 is null and area_type in ('csp', 'force')))
order by v.area_type, v.area_code
"""

CAVEATS = """
select caveat_id, caveat_text, source
from marts.indicator_caveats
where indicator_id = $1 and (period_start is null or period_start <= $2) and (period_end is null or period_end >= $3)
order by caveat_id
"""

VINTAGES = """
select release_id, known_at, as_at, area_code, numerator, denominator, value, maturity, change, rows_added,
    rows_restated, rows_withdrawn, definition_changed, code_changed, lookups_changed
from marts.indicator_vintages
where indicator_id = $1 and period_type = $2 and period_start = $3 and ($4 is null or area_code = $4)
order by area_code, release_id
"""


def _register(connection: duckdb.DuckDBPyConnection, indicator_id: str) -> dict[str, Any]:
    rows = records(
        connection,
        "select * from marts.dim_indicator where indicator_id = ? order by valid_from",
        [indicator_id],
    )
    if not rows:
        known = records(connection, "select indicator_id from marts.dim_indicator order by 1", [])
        names = {str(row["indicator_id"]) for row in known}
        raise NoSuchName.among("indicator", indicator_id, names, "srp indicators")
    return rows[-1]


def _period(connection: duckdb.DuckDBPyConnection, indicator_id: str, period: str | None) -> tuple[str, str]:
    if period is None:
        row = connection.execute(
            "select period_type, max(period_start)::varchar from marts.indicator_values where indicator_id = ?"
            " group by period_type order by period_type = 'year' desc, period_type limit 1",
            [indicator_id],
        ).fetchone()
        if row is None:
            raise NoSuchFigure(f"No release has a value of {indicator_id} yet.")
        return str(row[0]), str(row[1])
    if found := re.fullmatch(r"(\d{4})/\d{2}(?: Q([1-4]))?", period):
        year, quarter = int(found[1]), int(found[2] or 0)
        if not quarter:
            return "year", f"{year}-04-01"
        month = 1 + 3 * (quarter % 4)
        return "quarter", f"{year + (quarter == 4)}-{month:02d}-01"
    if re.fullmatch(r"\d{4}-\d{2}", period):
        return "month", f"{period}-01"
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", period):
        return "year" if period[5:] == "04-01" else "quarter", period
    raise NoSuchFigure(f"No period {period!r}: write 2016/17, 2016/17 Q1, 2016-04, or a period's first day.")
