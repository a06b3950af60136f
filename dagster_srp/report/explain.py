"""Explains one figure: says who, from which rows, by which rule."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from dagster_srp.building.code import PROJECT_ROOT
from dagster_srp.duck import Engine, open_file, records
from dagster_srp.errors import NoSuchFigure, NoSuchName
from dagster_srp.home import Home
from dagster_srp.release import current_release_id, read_manifest

THEMES = PROJECT_ROOT / "dbt_project" / "models" / "indicators_build" / "themes"


@dataclass(frozen=True)
class Explanation:
    """Everything that stands behind an indicator's figures in the current release.

    `values` has one dict for each period and area asked for; `rule` is the line of SQL that counts, and `rows_query`
    lists what it counts, in the restricted warehouse only.
    """

    release_id: str
    is_demo: bool
    register: dict[str, Any]
    values: list[dict[str, Any]]
    model: str
    rule: str
    deliveries: list[dict[str, Any]]
    caveats: list[dict[str, Any]]
    vintages: list[dict[str, Any]]
    rows_query: str


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
    manifest = read_manifest(home.releases / current / "manifest.json")
    with open_file(home.releases / current / "srp.duckdb", engine) as connection:
        register = _register(connection, indicator_id)
        period_type, start = _period(connection, indicator_id, period)
        figure = [indicator_id, period_type, start, area_code]
        values = records(connection, VALUES, figure)
        if not values:
            raise NoSuchFigure(f"{current} has no value of {indicator_id} for {period_type} {start}.")
        caveats = records(
            connection, CAVEATS, [indicator_id, values[0]["period_end"], values[0]["period_start"]]
        )
        vintages = records(connection, VINTAGES, figure)
    feeds = str(register["source_feeds"]).split(";")
    deliveries = [
        {
            "feed": d.feed,
            "file": d.file_name,
            "extracted_at": d.extracted_at,
            "rows": d.accepted,
            "sha256": d.sha256[:12],
        }
        for d in manifest.deliveries
        if d.feed in feeds and d.state == "accepted"
    ]
    model, rule = _rule(indicator_id, str(register["theme"]))
    rows_query = _rows_query(home, model, rule)
    return Explanation(
        current, manifest.is_demo, register, values, model, rule, deliveries, caveats, vintages, rows_query
    )


VALUES = """
select v.period_type, v.period_start, v.period_end, v.area_type, v.area_code, v.numerator, v.denominator, v.value,
    v.unit, i.lower_95, i.upper_95, i.method, v.maturity
from marts.indicator_values as v
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


def _rule(indicator_id: str, theme: str) -> tuple[str, str]:
    """The model that counts the indicator, and its line there."""
    own = THEMES / f"theme_{theme}.sql"
    for path in [own, *sorted(THEMES.rglob("*.sql"))]:
        if not path.exists():
            continue
        text = path.read_text(encoding="utf-8")
        found = re.findall(
            rf"^.*\bas {re.escape(indicator_id)}(?:__numerator|__denominator)?\b.*$", text, re.MULTILINE
        )
        if found:
            return _shown(path), "\n".join(line.strip().rstrip(",") for line in found)
    return _shown(
        PROJECT_ROOT / "dbt_project" / "models" / "indicators_build" / "sums" / "repeat_count.sql"
    ), "a row of seeds/repeat_rules.csv"


def _shown(path: Path) -> str:
    return str(path.relative_to(PROJECT_ROOT))


def _rows_query(home: Home, model: str, rule: str) -> str:
    """How an engineer lists the counted rows; it works on the restricted warehouse alone."""
    text = (PROJECT_ROOT / model).read_text(encoding="utf-8")
    fact = next(iter(re.findall(r"ref\('(fct_\w+)'\)", text)), "fct_crime")
    condition = next(iter(re.findall(r"filter \(where (.+)\) as", rule)), "true")
    return f'duckdb -readonly {home.workplace.candidate} "select * from marts.{fact} where {condition}"'
