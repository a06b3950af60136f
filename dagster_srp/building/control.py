"""The `control` schema: the few facts that a build may know, written before dbt runs.

`visible_delivery` is what as-at means: a delivery that is not in it does not exist for the build. `decision` holds what
people and gates decided about deliveries, which becomes caveats of figures. `refresh` holds the
build's only "now". A lookup (a feed that each delivery
replaces whole) describes the world and not what was known of it: where none had been extracted by the as-at moment, the
first there is serves. `built` remembers which deliveries the last whole build saw, so that the next may be incremental;
a new lookup may place or group any old record anew, so that after one the build is full.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection
from dataclasses import dataclass

import duckdb

from dagster_srp.duck import Engine, attach, open_file, row_of
from dagster_srp.home import Workplace

VISIBLE = """
create or replace table control.visible_delivery as
select
    delivery_no,
    feed,
    sha256,
    extracted_at,
    cast(row_number() over (partition by feed order by extracted_at, landed_at, sha256) as integer) as ordinal,
    landed_by,
    not exists (
        select 1 from control.built as b
        where b.delivery_no = d.delivery_no and b.sha256 = d.sha256 and b.landed_by = d.landed_by
    ) as is_new
from landing.ledger.deliveries as d
where
    state = 'accepted'
    and (
        $as_at is null
        or extracted_at <= $as_at
        or (list_contains($reference, feed) and extracted_at = (
            select min(first.extracted_at) from landing.ledger.deliveries as first
            where first.feed = d.feed and first.state = 'accepted'
        ))
    )
    and ($only is null or list_contains($only, feed || ' ' || sha256))
"""

DECISION = """
create or replace table control.decision as
select
    c.feed,
    c.sha256,
    d.file_name,
    c.state,
    cast(c.decided_at as date) as decided_date,
    array_to_string(c.because, ' ') as because_text,
    d.period_start_date,
    d.period_end_date
from landing.ledger.decisions as c
inner join landing.ledger.deliveries as d on c.delivery_no = d.delivery_no
where
    ($as_at is null or d.extracted_at <= $as_at)
    and ($only is null or list_contains($only, c.feed || ' ' || c.sha256))
"""

STATE = """
create schema if not exists control;
create table if not exists control.built (delivery_no integer, sha256 varchar, landed_by varchar);
create table if not exists control.built_by (code_fingerprint varchar, pseudonym_key varchar);
"""


@dataclass(frozen=True)
class BuildPlan:
    """What is to be built. `fingerprint` is the same for the same deliveries, moment and code, and no others."""

    release_id: str
    as_at: dt.datetime | None
    known_at: dt.datetime | None
    visible_count: int
    new_count: int
    new_feeds: tuple[str, ...]
    is_full: bool
    code_fingerprint: str
    fingerprint: str


def prepare_build(
    workplace: Workplace,
    *,
    release_id: str,
    as_at: dt.datetime | None,
    is_demo: bool,
    pseudonym_key: str,
    code_fingerprint: str,
    reference_feeds: Collection[str],
    engine: Engine,
    only: Collection[tuple[str, str]] | None = None,
    full: bool = False,
) -> BuildPlan:
    """Writes the control schema and says what the build will be.

    `only` narrows what is visible to some deliveries, by feed and sha256: those of an old release, say.
    The build is full (from empty files) unless the last whole one was made by the same code, with the same key, from
    deliveries that are all still visible, and no lookup has come since.
    """
    workplace.folder.mkdir(parents=True, exist_ok=True)
    if full or not _may_add(workplace, code_fingerprint, pseudonym_key, reference_feeds, engine):
        full = True
        for path in (workplace.build, workplace.candidate):
            path.unlink(missing_ok=True)
            path.with_suffix(".duckdb.wal").unlink(missing_ok=True)
    with _open(workplace, engine) as connection:
        connection.execute(STATE)
        narrowed = None if only is None else [f"{feed} {sha256}" for feed, sha256 in sorted(only)]
        connection.execute(VISIBLE, {"as_at": as_at, "only": narrowed, "reference": sorted(reference_feeds)})
        connection.execute(DECISION, {"as_at": as_at, "only": narrowed})
        visible, new, new_feeds, known_at = row_of(
            connection,
            "select count(*), count(*) filter (where is_new), list(distinct feed order by feed) filter (where is_new),"
            " max(extracted_at) filter (where $1::timestamp is null or extracted_at <= $1)"
            " from control.visible_delivery",
            [as_at],
        )
        connection.execute(
            "create or replace table control.refresh as select $1::varchar as release_id, $2::timestamp as as_at,"
            " $3::timestamp as known_at, $4::boolean as is_demo",
            [release_id, as_at, known_at, is_demo],
        )
        connection.execute(
            "create or replace table control.pseudonym_key as select $1::varchar as key", [pseudonym_key]
        )
        (content,) = row_of(
            connection,
            "select coalesce(string_agg(feed || sha256 || landed_by || extracted_at::varchar, ' '"
            " order by feed, ordinal), '') from control.visible_delivery",
        )
        (decided,) = row_of(
            connection,
            "select coalesce(string_agg(feed || sha256 || state || decided_date::varchar || because_text, ' '"
            " order by feed, sha256), '') from control.decision",
        )
    said = f"{content}|{decided}|{as_at}|{is_demo}|{code_fingerprint}|{pseudonym_key}"
    fingerprint = hashlib.sha256(said.encode()).hexdigest()
    return BuildPlan(
        release_id,
        as_at,
        known_at,
        visible,
        new,
        tuple(new_feeds or ()),
        full,
        code_fingerprint,
        fingerprint,
    )


def complete_build(workplace: Workplace, plan: BuildPlan, pseudonym_key: str, engine: Engine) -> None:
    """Remembers what was built. Until this is done a broken-off build's deliveries stay new, and are built again."""
    with _open(workplace, engine) as connection:
        connection.execute("begin")
        connection.execute("delete from control.built")
        connection.execute("delete from control.built_by")
        connection.execute(
            "insert into control.built select delivery_no, sha256, landed_by from control.visible_delivery"
        )
        connection.execute(
            "insert into control.built_by values (?, ?)", [plan.code_fingerprint, _sealed(pseudonym_key)]
        )
        connection.execute("commit")


def _may_add(
    workplace: Workplace,
    code_fingerprint: str,
    pseudonym_key: str,
    reference_feeds: Collection[str],
    engine: Engine,
) -> bool:
    if not workplace.build.exists() or not workplace.candidate.exists():
        return False
    with _open(workplace, engine) as connection:
        connection.execute(STATE)
        built_by = connection.execute(
            "select code_fingerprint, pseudonym_key from control.built_by"
        ).fetchall()
        if built_by != [(code_fingerprint, _sealed(pseudonym_key))]:
            return False
        same = "d.delivery_no = b.delivery_no and d.sha256 = b.sha256 and d.landed_by = b.landed_by"
        vanished, lookups = row_of(
            connection,
            "select (select count(*) from control.built as b where not exists (select 1 from landing.ledger.deliveries"
            f" as d where d.state = 'accepted' and {same})), (select count(*) from landing.ledger.deliveries as d where"
            " d.state = 'accepted' and list_contains($1, d.feed) and not exists (select 1 from control.built as b"
            f" where {same}))",
            [sorted(reference_feeds)],
        )
    return int(vanished) == 0 and int(lookups) == 0


def _sealed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _open(workplace: Workplace, engine: Engine) -> duckdb.DuckDBPyConnection:
    connection = open_file(workplace.build, engine, read_only=False)
    attach(connection, workplace.landing, "landing")
    return connection
