"""What the current release has and the candidate has not: feeds, tables, months of facts, figures and areas.

What belongs here: finding what vanished, which of it follows from decisions, and the verdicts on both. What does not:
recording a decision (deciding), or whether a delivery may be doubted (doubt). A verdict names parts and counts, never a
row's value.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dagster_srp.duck import Engine, attach, identifier, open_file
from dagster_srp.gates.definitions import limits_of
from dagster_srp.gates.verdict import Verdict

NAMED = 12
"""How many losses of a kind a refusal names: beyond these the list is longer than what a reader takes in."""
PLACES = ("ons_lad_csp_pfa", "ons_lsoa_2011_2021", "ons_lsoa_ward_lad")
"""The lookups without which a record is placed in no area."""
JUDGED = "the release"


@dataclass(frozen=True)
class Limits:
    """The rows of seeds/vanish_limits.csv, which says why each is what it is."""

    least_month_rows: float
    least_month_share: float


@dataclass(frozen=True)
class Loss:
    """A part that vanished: of which table, since which month where it is one, from how many rows or values to how many."""

    kind: str
    name: str
    table: str
    month: str | None
    before: int
    now: int

    def __str__(self) -> str:
        return f"{self.name} from {self.before:,} to {self.now:,}"


@dataclass(frozen=True)
class Withdrawn:
    """A delivery that the current release was made from and that a person has refused since."""

    feed: str
    first_month: str | None
    last_month: str | None


def find_losses(candidate: Path, current: Path, engine: Engine, limits: Limits | None = None) -> list[Loss]:
    """Every part of the current release that the candidate has lost, in a fixed order."""
    limits = limits or Limits(**limits_of("vanish_limits"))
    with open_file(candidate, engine) as connection:
        attach(connection, current, "released")
        now, before = _tables(connection, None), _tables(connection, "released")
        shared = [table for table in before if table in now]
        losses = [
            Loss("table", table, f"marts.{table}", None, _rows(connection, "released", table), 0)
            for table in before
            if table not in now
        ]
        losses += _emptied_tables(connection, shared)
        if "feed_conservation" in shared:
            losses += _by_name(connection, "feed", FEEDS)
        if "indicator_values" in shared:
            losses += [*_by_name(connection, "indicator", INDICATORS), *_by_name(connection, "area", AREAS)]
        emptied = {loss.name for loss in losses}
        for table in shared:
            if table.startswith("fct_") and table not in emptied and (month := _month_of(before[table])):
                losses += _emptied_months(connection, table, month, limits)
    return losses


def unexplained(
    losses: Iterable[Loss], withdrawn: Sequence[Withdrawn], feeds_behind: Callable[[Loss], set[str]]
) -> list[Loss]:
    """The losses that follow from no withdrawn delivery of a feed behind them, one that covers the month where there is one."""

    def follows(loss: Loss) -> bool:
        return any(
            one.feed in feeds_behind(loss)
            and (
                loss.month is None
                or one.first_month is None
                or one.last_month is None
                or one.first_month <= loss.month <= one.last_month
            )
            for one in withdrawn
        )

    return [loss for loss in losses if not follows(loss)]


def key_of(losses: Iterable[Loss], since: str) -> str:
    """What a decision about these losses, since this release, is known by: other losses have another."""
    said = "\n".join(sorted(f"{loss.kind} {loss}" for loss in losses))
    return hashlib.sha256(f"{since}\n{said}".encode()).hexdigest()


def told(losses: Sequence[Loss], since: str) -> str:
    """The losses in words, by kind, the first few of each."""
    kinds = {loss.kind: [one for one in losses if one.kind == loss.kind] for loss in losses}
    parts = []
    for kind, found in kinds.items():
        rest = f" and {len(found) - NAMED:,} more" if len(found) > NAMED else ""
        parts.append(f"{kind} {', '.join(map(str, found[:NAMED]))}{rest}")
    return f"Vanished since {since}: {'; '.join(parts)}."


def vanished_verdict(losses: Sequence[Loss], since: str, accepted_because: str | None) -> Verdict:
    """Critical where something vanished that nobody decided; a warning, with the reason, where a person accepted it."""
    statement = f"{JUDGED}: what {since} has, the candidate has too, unless a decision took it away"
    if not losses:
        said = "Holds."
    elif accepted_because is not None:
        said = f"{told(losses, since)} Accepted: {accepted_because}"
    else:
        said = (
            f"{told(losses, since)} Next: `srp deliveries --held` and `srp decide` say what does not count; correct that, or"
            ' let the release lose these: `srp decide release accept --because "..."`.'
        )
    return Verdict(
        gate="candidate",
        table=JUDGED,
        name="nothing_vanishes",
        severity="critical" if accepted_because is None else "warning",
        success=not losses,
        message=f"{statement}. {said}",
        checked_count=None,
        unexpected_count=len(losses),
    )


def places_verdict(candidate: Path, engine: Engine) -> Verdict:
    """A warning where a lookup of places has brought nothing, with how many crimes and the like are in no area."""
    with open_file(candidate, engine) as connection:
        speaking = {
            feed
            for (feed,) in connection.execute(
                "select feed from marts.feed_conservation where current_count > 0"
            ).fetchall()
        }
        missing = [feed for feed in PLACES if feed not in speaking]
        placed = [
            table
            for table, columns in _tables(connection, None).items()
            if {"district_code", "lsoa21_code"} <= set(columns) and table.startswith("fct_")
        ]
        counts = " union all ".join(
            f"select count(*) as rows_count from marts.{identifier(table)} where district_code is null"
            for table in placed
        )
        (nowhere,) = connection.execute(
            f"select coalesce(sum(rows_count), 0) from ({counts})"
        ).fetchone() or (0,)
    said = (
        f"No rows of {', '.join(missing)}: {int(nowhere):,} rows are placed in no district, and figures by area lack them."
        " Next: `srp deliveries --held` says whether they came; send them, and run `srp refresh`."
    )
    return Verdict(
        gate="candidate",
        table=JUDGED,
        name="places_are_known",
        severity="warning",
        success=not missing,
        message=f"{JUDGED}: each lookup of places has rows. {said if missing else 'Holds.'}",
        checked_count=len(PLACES),
        unexpected_count=len(missing),
    )


FEEDS = "select feed as name, current_count as found from {marts}.feed_conservation"
INDICATORS = (
    "select indicator_id as name, count(value) as found from {marts}.indicator_values"
    " where indicator_id in (select indicator_id from marts.dim_indicator) group by all"
)
"""A definition that was taken out of the seeds has not vanished: that is a decision of its own."""
AREAS = "select area_type || ' ' || area_code as name, count(value) as found from {marts}.indicator_values group by all"
_SUBJECTS = {"feed": "feed_conservation", "indicator": "indicator_values", "area": "indicator_values"}


def _by_name(connection: duckdb.DuckDBPyConnection, kind: str, query: str) -> Iterator[Loss]:
    rows = connection.execute(
        f"select before.name, before.found from ({query.format(marts='released.marts')}) as before"
        f" left join ({query.format(marts='marts')}) as now on now.name = before.name"
        " where before.found > 0 and coalesce(now.found, 0) = 0 order by before.name"
    ).fetchall()
    return (Loss(kind, name, f"marts.{_SUBJECTS[kind]}", None, int(found), 0) for name, found in rows)


def _emptied_tables(connection: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> Iterator[Loss]:
    for table in tables:
        before = _rows(connection, "released", table)
        if before and not _rows(connection, None, table):
            yield Loss("table", table, f"marts.{table}", None, before, 0)


def _emptied_months(
    connection: duckdb.DuckDBPyConnection, table: str, month: str, limits: Limits
) -> Iterator[Loss]:
    def counted(marts: str) -> str:
        return f"select left(cast({month} as varchar), 7) as month, count(*) as found from {marts}.{identifier(table)} group by all"

    rows = connection.execute(
        f"select before.month, before.found, coalesce(now.found, 0) from ({counted('released.marts')}) as before"
        f" left join ({counted('marts')}) as now on now.month = before.month"
        " where before.month is not null and before.found >= $1 and coalesce(now.found, 0) < $2 * before.found"
        " order by before.month",
        [limits.least_month_rows, limits.least_month_share],
    ).fetchall()
    for label, before, now in rows:
        yield Loss("month", f"{table} {label}", f"marts.{table}", label, int(before), int(now))


def _month_of(columns: Sequence[str]) -> str | None:
    """The first column that says a row's month."""
    return next((column for column in columns if column == "month" or column.endswith("_month_date")), None)


def _rows(connection: duckdb.DuckDBPyConnection, database: str | None, table: str) -> int:
    marts = f"{database}.marts" if database else "marts"
    (count,) = connection.execute(f"select count(*) from {marts}.{identifier(table)}").fetchone() or (0,)
    return int(count)


def _tables(connection: duckdb.DuckDBPyConnection, database: str | None) -> dict[str, list[str]]:
    """The tables of the marts, each with its columns in their order."""
    found = connection.execute(
        "select table_name, list(column_name order by column_index) from duckdb_columns()"
        " where schema_name = 'marts' and database_name = coalesce($1, current_database()) group by all order by 1",
        [database],
    ).fetchall()
    return {table: columns for table, columns in found if table not in WRITTEN_AT_RELEASE}


WRITTEN_AT_RELEASE = ("release", "indicator_vintages")
"""Tables that no build makes: the release adds them."""
