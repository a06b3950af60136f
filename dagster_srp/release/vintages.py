"""The vintages: what each release said of each figure, and why it moved."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from dagster_srp.release.manifest import Manifest, manifests

VALUES_FILE = "indicator_values.parquet"
REVISIONS_FILE = "revisions.parquet"
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
create or replace table marts.indicator_vintages (
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


@dataclass(frozen=True)
class _Told:
    """A release that has told its values: where they are, and the moment it spoke for."""

    release_id: str
    known_at: str | None
    as_at: str | None
    folder: Path


def write_vintages(
    connection: duckdb.DuckDBPyConnection, releases: Path, manifest: Manifest, making: Path
) -> None:
    """Fills marts.indicator_vintages of the release being made, from the values that every release has left.

    `making` is the folder it is made in, where its own values already are. A row for each partnership's and force's figure in the release that first gave it and in each that changed it: a
    release not named gave what the one before it gave. An as-at release stands alone, and all of its values are told.
    """
    told = [
        _Told(m.release_id, m.known_at, m.as_at, releases / m.release_id)
        for m in manifests(releases)
        if (releases / m.release_id / VALUES_FILE).exists()
    ]
    told.append(_Told(manifest.release_id, manifest.known_at, manifest.as_at, making))
    connection.execute(VINTAGES_TABLE)
    connection.execute("create or replace temp table told as select * from marts.indicator_vintages limit 0")
    for release in told:
        _tell(connection, release)
    connection.execute(
        "insert into marts.indicator_vintages select * from told"
        f" window w as (partition by {FIGURE}, as_at is null order by release_id)"
        " qualify as_at is not null or row_number() over w = 1 or value is distinct from lag(value) over w"
        f" or maturity is distinct from lag(maturity) over w order by {FIGURE}, release_id"
    )


def _tell(connection: duckdb.DuckDBPyConnection, release: _Told) -> None:
    revisions = release.folder / REVISIONS_FILE
    parts = (
        ", ".join(f"r.{part}" for part in PARTS) if revisions.exists() else ", ".join("null" for _ in PARTS)
    )
    moved = "r.value_before, r.change" if revisions.exists() else "null, null"
    join = f" left join read_parquet('{revisions}') as r using ({FIGURE})" if revisions.exists() else ""
    connection.execute(
        f"insert into told select {FIGURE}, ?, ?::timestamp, ?::timestamp, v.numerator, v.denominator, v.value, v.unit,"
        f" v.maturity, {moved}, {parts} from read_parquet('{release.folder / VALUES_FILE}') as v{join}"
        " where area_type in ('csp', 'force')",
        [release.release_id, release.known_at, release.as_at],
    )
