"""The vintages: what each release said of each figure, and why it moved."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from dagster_srp.building.documentation import TableDocumentation
from dagster_srp.duck import attach, literal
from dagster_srp.release.manifest import Manifest, manifests

RELEASED_FILE = "srp.duckdb"
VALUES_FILE = "indicator_values.parquet"
REVISIONS_FILE = "revisions.parquet"
VINTAGES = "marts.indicator_vintages"
AREA_TYPES = ("csp", "force")
"""Whose figures have vintages; those of smaller areas can be had by building their release again."""
FIGURE = (
    "indicator_id, period_type, period_start, period_end, area_type, area_code, breakdown_type, breakdown"
)
PARTS = (
    "rows_added",
    "rows_restated",
    "rows_withdrawn",
    "definition_changed",
    "code_changed",
    "lookups_changed",
)

VINTAGES_TABLE = f"""
create or replace table {VINTAGES} (
    {FIGURE.replace(", ", " varchar, ")} varchar,
    release_id varchar not null,
    known_at timestamp,
    as_at timestamp,
    numerator double,
    denominator double,
    value double,
    unit varchar,
    maturity varchar,
    value_before double,
    change double,
    {" double, ".join(PARTS)} double
)
""".replace("period_start varchar", "period_start date").replace("period_end varchar", "period_end date")


VINTAGES_DOCUMENTATION = TableDocumentation(
    table="indicator_vintages",
    description=(
        "What each release said of each figure of partnerships and forces, and why the figure moved. A row is a figure in"
        " the release that first gave it and in each release that changed it; every figure of an as-at release has a row."
    ),
    columns={
        "indicator_id": "The indicator; `dim_indicator` holds its definition.",
        "period_type": "`month`, `quarter`, `year` (financial, from 1 April) or `rolling_12m`.",
        "period_start": "First day of the period.",
        "period_end": "Last day of the period, that day included.",
        "area_type": "`csp` (Community Safety Partnership) or `force` (police force area).",
        "area_code": "ONS code of the area.",
        "breakdown_type": "What the indicator is broken down by; `none` for a total.",
        "breakdown": "The part of the breakdown; `all` for the total.",
        "release_id": "The release that gave the value.",
        "known_at": "The latest moment at which a delivery of that release was extracted, in UTC.",
        "as_at": "The past moment that the release was built for, in UTC; null for one of the present.",
        "numerator": "Of a count, the count; of a rate, the part that it asks for.",
        "denominator": "Of a percentage, the whole; of a rate by residents, the residents; null for counts.",
        "value": "The figure as the release gave it.",
        "unit": "`count`, `percent`, `rate_per_1000`, `rate_per_10000` or `hours`.",
        "maturity": "`final` or `maturing`, as the release judged it.",
        "value_before": "The value in the release before; null where the figure did not move.",
        "change": "The value less the value before: the sum of the parts that follow.",
        "rows_added": "Part of the change that comes from records that are new.",
        "rows_restated": "Part that comes from records whose content a later delivery changed.",
        "rows_withdrawn": "Part that comes from records that a later delivery no longer holds.",
        "definition_changed": "Part that comes from changed definitions (seeds).",
        "code_changed": "Part that comes from changed code.",
        "lookups_changed": "Part that comes from changed lookups, such as residents.",
    },
    key=(*(name.strip() for name in FIGURE.split(",")), "release_id"),
)


@dataclass(frozen=True)
class _Told:
    """A release that has told its values: where they are, and the moment it spoke for."""

    release_id: str
    known_at: str | None
    as_at: str | None
    folder: Path


def write_values(connection: duckdb.DuckDBPyConnection, making: Path) -> None:
    """Leaves the figures that have vintages in the folder of the release being made, where they outlast its data."""
    connection.execute(
        f"copy (select * from marts.indicator_values where area_type in {AREA_TYPES}) to {literal(str(making / VALUES_FILE))} (format parquet)"
    )


def write_vintages(
    connection: duckdb.DuckDBPyConnection, releases: Path, manifest: Manifest, making: Path
) -> None:
    """Fills marts.indicator_vintages of the release being made, whose own values `making` already holds.

    A row for each partnership's and force's figure in the release that first gave it and in each that changed it: a
    release not named gave what the one before it gave. An as-at release stands alone, and all of its values are told.
    What was told is taken from the last release that still has its data; of releases since, from the values they left.
    """
    connection.execute(VINTAGES_TABLE)
    connection.execute(f"create or replace temp table told as select * from {VINTAGES} limit 0")
    last = _take_over_what_was_told(connection, releases)
    since = [
        _Told(m.release_id, m.known_at, m.as_at, releases / m.release_id)
        for m in manifests(releases)
        if m.release_id > last and (releases / m.release_id / VALUES_FILE).exists()
    ]
    for release in (*since, _Told(manifest.release_id, manifest.known_at, manifest.as_at, making)):
        _tell(connection, release)
    connection.execute(
        f"insert into {VINTAGES} select * from told"
        f" window w as (partition by {FIGURE}, as_at is null order by release_id)"
        " qualify as_at is not null or row_number() over w = 1 or value is distinct from lag(value) over w"
        f" or maturity is distinct from lag(maturity) over w order by {FIGURE}, release_id"
    )


def _take_over_what_was_told(connection: duckdb.DuckDBPyConnection, releases: Path) -> str:
    """Fills `told` from the last release that has its data, with today's columns; gives its id, or nothing."""
    for file in sorted(releases.glob(f"r*/{RELEASED_FILE}"), reverse=True):
        attach(connection, file, "before")
        has_todays_columns = _columns(connection, "before") == _columns(connection, Path(RELEASED_FILE).stem)
        if has_todays_columns:
            connection.execute(f"insert into told from before.{VINTAGES}")
        connection.execute("detach before")
        if has_todays_columns:
            return file.parent.name
    return ""


def _columns(connection: duckdb.DuckDBPyConnection, database: str) -> list[tuple[str, str]]:
    """The columns of the vintages in a database, in order; none where it has no vintages."""
    rows = connection.execute(
        "select column_name, data_type from duckdb_columns() where schema_name || '.' || table_name = $1"
        " and database_name = $2 order by column_index",
        [VINTAGES, database],
    ).fetchall()
    return [(str(name), str(kind)) for name, kind in rows]


def _tell(connection: duckdb.DuckDBPyConnection, release: _Told) -> None:
    revisions = release.folder / REVISIONS_FILE
    parts = (
        ", ".join(f"r.{part}" for part in PARTS) if revisions.exists() else ", ".join("null" for _ in PARTS)
    )
    moved = "r.value_before, r.change" if revisions.exists() else "null, null"
    join = (
        f" left join read_parquet({literal(str(revisions))}) as r using ({FIGURE})"
        if revisions.exists()
        else ""
    )
    connection.execute(
        f"insert into told select {FIGURE}, ?, ?::timestamp, ?::timestamp, v.numerator, v.denominator, v.value, v.unit,"
        f" v.maturity, {moved}, {parts} from read_parquet({literal(str(release.folder / VALUES_FILE))}) as v{join}"
        f" where area_type in {AREA_TYPES}",
        [release.release_id, release.known_at, release.as_at],
    )
