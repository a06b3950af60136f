"""What the current release says, for whoever asks: its register, its reconciliation and its vintages."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import duckdb

from dagster_srp.duck import Engine, open_file, records
from dagster_srp.errors import NoSuchFigure, NoSuchName, WrongHome, WrongUse
from dagster_srp.home import Home
from dagster_srp.release.manifest import manifests
from dagster_srp.release.publish import current_release_id
from dagster_srp.release.vintages import PARTS, RELEASED_FILE

PERIOD_TYPES = ("month", "quarter", "year", "rolling_12m")

FIGURES = """
select kind, reference, coalesce(indicator_id, offence_group) as what, area_code, period_start, published_value,
    our_value, difference, tolerance_pct, holds, reason
from marts.reconciliation
order by kind, what, period_start, area_code
"""

CHANGES = """
select indicator_id, period_start, published_change_pct, our_change_pct, holds
from marts.published_changes
order by indicator_id, period_start
"""

CLAIMS = """
select claim_id, sentence, claimed_value, true_value, holds
from marts.claims_check
order by claim_id
"""

INDICATORS = """
select indicator_id, title, theme, unit, owner_partner, area_types, source_feeds, definition
from marts.dim_indicator
where valid_to is null and ($1::varchar is null or theme = $1)
order by theme, indicator_id
"""

VINTAGES = """
select v.period_start, v.area_type, v.area_code, v.release_id, v.known_at, v.as_at, v.value, v.maturity, v.change,
    v.rows_added, v.rows_restated, v.rows_withdrawn, v.definition_changed, v.code_changed, v.lookups_changed
from marts.indicator_vintages as v
left join marts.dim_area as a using (area_type, area_code)
where v.indicator_id = $1 and v.period_type = $2 and ($3::varchar is null or v.area_code = $3)
order by a.role is distinct from 'home', v.area_type, v.area_code, v.period_start, v.release_id
"""

BETWEEN = """
select period_start, area_code, {parts}
from marts.indicator_vintages
where indicator_id = $1 and period_type = $2 and ($3::varchar is null or area_code = $3) and as_at is null
    and release_id > $4 and release_id <= $5
group by all
having sum(change) <> 0
order by all
"""


@dataclass(frozen=True)
class Reconciliation:
    """Published figures, changes and claims beside ours; `holds` is None where nothing could be compared."""

    figures: list[dict[str, Any]]
    changes: list[dict[str, Any]]
    claims: list[dict[str, Any]]

    @property
    def counts(self) -> dict[str, int]:
        """How many figures were published, could be compared, and are equal."""
        compared = [row for row in self.figures if row["holds"] is not None]
        equal = sum(row["holds"] for row in compared)
        return {"published": len(self.figures), "compared": len(compared), "equal": equal}


def reconciliation(home: Home, engine: Engine) -> Reconciliation:
    """What was published beside what the current release gives; raises WrongHome."""
    with open_current(home, engine) as connection:
        return Reconciliation(*(records(connection, query) for query in (FIGURES, CHANGES, CLAIMS)))


def indicators(home: Home, theme: str | None, engine: Engine) -> list[dict[str, Any]]:
    """The register of the current release; raises NoSuchName and WrongHome."""
    with open_current(home, engine) as connection:
        rows = records(connection, INDICATORS, [theme])
        if not rows and theme is not None:
            themes = {str(row["theme"]) for row in records(connection, INDICATORS, [None])}
            raise NoSuchName.among("theme", theme, themes, "srp indicators")
    return rows


def vintages(
    home: Home, indicator_id: str, period_type: str, area_code: str | None, engine: Engine
) -> list[dict[str, Any]]:
    """What each release said of an indicator in one area (the home partnership unless named), by period.

    Raises NoSuchName, NoSuchFigure and WrongHome.
    """
    with open_current(home, engine) as connection:
        rows = records(connection, VINTAGES, [indicator_id, period_type, area_code])
        if not rows:
            _say_what_is_wrong(connection, indicator_id, period_type, area_code)
    return [row for row in rows if row["area_code"] == rows[0]["area_code"]]


def vintages_between(
    home: Home,
    indicator_id: str,
    period_type: str,
    area_code: str | None,
    releases: tuple[str, str],
    engine: Engine,
) -> list[dict[str, Any]]:
    """How far each value moved from one release to another, in parts; raises as `vintages` does."""
    known = [manifest.release_id for manifest in manifests(home.releases)]
    for release_id in releases:
        if release_id not in known:
            raise NoSuchName.among("release", release_id, known, "srp releases")
    query = BETWEEN.format(parts=", ".join(f"sum({part}) as {part}" for part in ("change", *PARTS)))
    with open_current(home, engine) as connection:
        if not records(connection, VINTAGES, [indicator_id, period_type, area_code]):
            _say_what_is_wrong(connection, indicator_id, period_type, area_code)
        return records(connection, query, [indicator_id, period_type, area_code, *sorted(releases)])


def releases(home: Home, release_id: str | None = None) -> list[dict[str, Any]]:
    """Every release or one, oldest first: of what it is made, and whether its data are still kept.

    Raises NoSuchName.
    """
    current = current_release_id(home)
    rows = []
    for manifest in manifests(home.releases):
        plain = asdict(manifest)
        names = ("release_id", "made_at", "known_at", "as_at", "is_demo", "code_commit", "code_is_modified")
        rows.append(
            {
                **{name: plain[name] for name in names},
                "is_current": manifest.release_id == current,
                "has_data": (home.releases / manifest.release_id / RELEASED_FILE).exists(),
                "delivery_count": sum(d.state == "accepted" for d in manifest.deliveries),
                "warning_count": len(manifest.warnings),
                "warnings": manifest.warnings,
            }
        )
    if release_id is not None and release_id not in (known := [row["release_id"] for row in rows]):
        raise NoSuchName.among("release", release_id, known, "srp releases")
    return [row for row in rows if release_id in (None, row["release_id"])]


def open_current(home: Home, engine: Engine) -> duckdb.DuckDBPyConnection:
    """The current release, opened for reading; raises WrongHome where there is none."""
    path = home.released / RELEASED_FILE
    if not path.exists():
        raise WrongHome(f"Nothing is released yet in {home.root}.", "Run `srp refresh`.")
    return open_file(path.resolve(), engine)


def _say_what_is_wrong(
    connection: duckdb.DuckDBPyConnection, indicator_id: str, period_type: str, area_code: str | None
) -> None:
    """Raises the error that fits a question to which no row answers."""

    def known(column: str, table: str, condition: str = "true") -> set[str]:
        rows = records(connection, f"select distinct {column} as name from marts.{table} where {condition}")
        return {str(row["name"]) for row in rows}

    if indicator_id not in (ids := known("indicator_id", "dim_indicator")):
        raise NoSuchName.among("indicator", indicator_id, ids, "srp indicators")
    if period_type not in PERIOD_TYPES:
        raise WrongUse(f"No period type {period_type!r}.", f"Name one of {', '.join(PERIOD_TYPES)}.")
    areas = known("area_code", "indicator_vintages", "area_type in ('csp', 'force')")
    if area_code is not None and area_code not in areas:
        there = known("area_code || ' (' || area_name || ')'", "dim_area", "area_type in ('csp', 'force')")
        raise NoSuchName(
            f"No vintages of the area {area_code!r}: they are kept for partnerships and forces.",
            f"Name one of {', '.join(sorted(there))}.",
        )
    raise NoSuchFigure(
        f"No vintage of {indicator_id} by {period_type}{f' in {area_code}' if area_code else ''}.",
        f"`srp explain {indicator_id}` says what there is.",
    )
