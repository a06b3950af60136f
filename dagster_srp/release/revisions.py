"""Why a figure moved between two releases, in parts that add up to the change.

Between the old release's facts and the new ones a row was withdrawn, restated or added. The indicator models are run
over those rows alone, in four states that follow one another (as they were; without the withdrawn; with the restated as
they are now; with the added), and each part is the step from one state to the next. So the parts of a rate, or of a
count of repeat victims, add up as exactly as those of a plain count. Rows that did not change cancel out and are not
counted again, except, for repeats, those of a person who has changed rows: a repeat is of a person's rows together.

What the facts do not explain is the lookups' part: residents counted anew, say.

Where the code or the definitions changed too, the old deliveries are first built again by the present code, and the
step from the old figures to those is the part of the code or of the definitions.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from dagster_srp.building import Dbt
from dagster_srp.duck import Engine, attach, literal, open_file, open_memory, row_of, value_of
from dagster_srp.home import Workplace
from dagster_srp.release.changes import columns_of, find_changes, keep_persons, touched_rows
from dagster_srp.release.vintages import AREA_TYPES, FIGURE

STATES = ("as_they_were", "without_withdrawn", "with_restated", "with_added")
COUNTS_PERSONS = "repeat_count"

COUNTED = """
create table counted (
    state varchar, indicator_id varchar, period_type varchar, period_start date, area_type varchar, area_code varchar,
    numerator double, denominator double
)
"""


@dataclass(frozen=True)
class Revision:
    """What is compared: the file of the old release, the candidate, and the old deliveries built by the present code.

    `rebuilt` is None where the code has not changed. `code_part` names the column that its step goes to. `new_feeds`
    are the feeds whose deliveries an incremental build added; None where the build was full.
    """

    old: Path
    new: Path
    rebuilt: Path | None
    code_part: str
    new_feeds: tuple[str, ...] | None


def write_revisions(
    revision: Revision,
    workplace: Workplace,
    dbt: Dbt,
    target: Path,
    *,
    engine: Engine,
) -> int:
    """Writes one row for each partnership's or force's figure that moved, and gives their number.

    `dbt` is the session that built the candidate.
    """
    scratch = workplace.folder / "revisions.duckdb"
    scratch.unlink(missing_ok=True)
    # What a month changes fits into memory, where it is not packed; a full build may change every row.
    opened = (
        open_file(scratch, engine, read_only=False)
        if revision.new_feeds is None
        else open_memory(engine, spill=workplace.folder / "spill")
    )
    with opened as connection:
        base = revision.rebuilt or revision.old
        files = {"old": revision.old, "base": base, "new": revision.new}
        for name, path in {**files, "build": workplace.build, "landing": workplace.landing}.items():
            attach(connection, path, name)
        facts = _facts(connection)
        keys = dbt.keys()
        changed = [
            fact
            for fact in facts
            if find_changes(
                connection, fact, keys.get(fact, ()), touched_rows(connection, dbt, fact, revision.new_feeds)
            )
        ]
        models = sorted({name for fact in changed for name in dbt.descendants(fact) if _counts(name)})
        queries = _over_changed_rows(dbt.queries(*models)) if models else {}
        for fact in changed if COUNTS_PERSONS in queries else ():
            keep_persons(connection, fact, queries[COUNTS_PERSONS])
        connection.execute(COUNTED)
        before: list[str] = []
        for state in STATES if queries else ():
            rows = _fingerprints_of(connection, state, changed)
            if rows == before:
                _repeat_state(connection, state)
            else:
                _run_state(connection, state, facts, changed, queries)
            before = rows
        _collect_parts(connection, revision)
        connection.execute(
            f"copy (select * from parts order by all) to {literal(str(target))} (format parquet)"
        )
        count = value_of(connection, "select count(*) from parts")
    scratch.unlink(missing_ok=True)
    return int(count)


def _facts(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        "select table_name from duckdb_tables() where database_name = 'new' and table_name like 'fct\\_%' escape '\\'"
        " intersect select table_name from duckdb_tables() where database_name = 'base' order by 1"
    ).fetchall()
    return [str(name) for (name,) in rows]


def _counts(model: str) -> bool:
    return model.startswith("theme_") or model in ("street_month_count", COUNTS_PERSONS)


def _over_changed_rows(queries: dict[str, str]) -> dict[str, str]:
    """The queries with the names of what they count for each other: a model reads what was counted of the same state."""
    renamed = dict(queries)
    for counted in queries:
        built, of_state = f'"build"."indicators_build"."{counted}"', f'"srp"."marts"."{counted}"'
        renamed = {model: query.replace(built, of_state) for model, query in renamed.items()}
    return renamed


def _fingerprints_of(connection: duckdb.DuckDBPyConnection, state: str, changed: list[str]) -> list[str]:
    """A text for each changed fact's rows in a state: equal texts, equal counts."""
    told = []
    for fact in changed:
        columns = ", ".join(columns_of(connection, f"new.marts.{fact}"))
        row = row_of(
            connection,
            f"select count(*), sum(hash({columns})::hugeint) from ({_changed_rows(state, fact, columns)})",
        )
        told.append(str(row))
    return told


def _repeat_state(connection: duckdb.DuckDBPyConnection, state: str) -> None:
    """A state with the rows of the one before it counts the same."""
    before = STATES[STATES.index(state) - 1]
    connection.execute(
        "insert into counted select ?, * exclude (state) from counted where state = ?", [state, before]
    )


def _run_state(
    connection: duckdb.DuckDBPyConnection,
    state: str,
    facts: list[str],
    changed: list[str],
    queries: dict[str, str],
) -> None:
    """Runs the indicator models' queries over one state's rows, and keeps what they count in `counted`."""
    # Under the marts' own name, for the queries and the build's views to read.
    connection.execute("attach ':memory:' as srp")
    connection.execute("create schema srp.marts")
    for fact in facts:
        columns = ", ".join(columns_of(connection, f"new.marts.{fact}"))
        rows = _changed_rows(state, fact, columns) if fact in changed else None
        connection.execute(
            f"create view srp.marts.{fact} as {rows or f'select {columns} from new.marts.{fact} limit 0'}"
        )
    for table in _lookups(connection):
        connection.execute(f"create view srp.marts.{table} as from new.marts.{table}")
    for model, query in queries.items():
        if model != COUNTS_PERSONS:
            connection.execute(f"create table srp.marts.{model} as {query}")
    if COUNTS_PERSONS in queries:
        for fact in changed:
            columns = ", ".join(columns_of(connection, f"new.marts.{fact}"))
            rows = f"{_changed_rows(state, fact, columns)} union all by name from {fact}_beside"
            connection.execute(f"create or replace view srp.marts.{fact} as {rows}")
        connection.execute(f"create table srp.marts.{COUNTS_PERSONS} as {queries[COUNTS_PERSONS]}")
    _count_state(connection, state)
    connection.execute("detach srp")


def _changed_rows(state: str, fact: str, columns: str) -> str:
    return {
        "as_they_were": f"select {columns} from {fact}_before",
        "without_withdrawn": f"select {columns} from {fact}_before where is_restated",
        "with_restated": f"select {columns} from {fact}_after where is_restated",
        "with_added": f"select {columns} from {fact}_after",
    }[state]


def _lookups(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The dimensions, which the indicator models read beside facts; the periods come from the build as it is."""
    rows = connection.execute(
        "select table_name from duckdb_tables() where database_name = 'new' and table_name like 'dim\\_%' escape '\\'"
        " order by 1"
    ).fetchall()
    return [str(name) for (name,) in rows]


def _count_state(connection: duckdb.DuckDBPyConnection, state: str) -> None:
    tables = [
        str(name)
        for (name,) in connection.execute(
            "select table_name from duckdb_tables() where database_name = 'srp'"
        ).fetchall()
    ]
    themes = [name for name in tables if name.startswith("theme_")]
    months = " union all ".join(
        f"select indicator_id, month_date, csp_code, force_code, numerator, denominator from srp.marts.{theme}"
        for theme in sorted(themes)
    )
    for area_type in AREA_TYPES if themes else ():
        connection.execute(
            f"insert into counted select ?, m.indicator_id, p.period_type, p.period_start, ?, m.{area_type}_code,"
            f" sum(m.numerator), sum(m.denominator) from ({months}) as m join build.indicators_build.indicator_periods as p"
            f" on m.month_date = p.month_date where m.{area_type}_code is not null group by all",
            [state, area_type],
        )
    if COUNTS_PERSONS in tables:
        connection.execute(
            "insert into counted select ?, indicator_id, period_type, period_start, area_type, area_code,"
            f" persons_count, null from srp.marts.{COUNTS_PERSONS} where persons_count > 0",
            [state],
        )


def _collect_parts(connection: duckdb.DuckDBPyConnection, revision: Revision) -> None:
    """`parts`: for each figure that moved its value before and after, and the step of each state."""
    steps = ", ".join(
        f"coalesce(sum({part}) filter (where state = '{state}'), 0) as {part}_{number}"
        for number, state in enumerate(STATES)
        for part in ("numerator", "denominator")
    )
    connection.execute(
        f"create temp table steps as select indicator_id, period_type, period_start, area_type, area_code, {steps}"
        " from counted group by all"
    )
    numerators = ["b.numerator"] + [f"(b.numerator + numerator_{n} - numerator_0)" for n in (1, 2, 3)]
    denominators = ["b.denominator"] + [
        f"(b.denominator + case when n.unit = 'percent' then denominator_{n} - denominator_0 else 0 end)"
        for n in (1, 2, 3)
    ]
    values = [_value(num, den) for num, den in zip(numerators, denominators, strict=True)]
    code = "b.value - o.value"
    connection.execute(
        f"create table parts as select {', '.join('n.' + c.strip() for c in FIGURE.split(','))},"
        " o.value as value_before, n.value as value_after, n.value - o.value as change,"
        f" {values[3]} - {values[2]} as rows_added,"
        f" {values[2]} - {values[1]} as rows_restated,"
        f" {values[1]} - {values[0]} as rows_withdrawn,"
        f" {code if revision.code_part == 'definition_changed' else '0.0'} as definition_changed,"
        f" {code if revision.code_part == 'code_changed' else '0.0'} as code_changed,"
        f" n.value - {values[3]} as lookups_changed"
        " from new.marts.indicator_values as n"
        f" join old.marts.indicator_values as o using ({FIGURE}) join base.marts.indicator_values as b using ({FIGURE})"
        " left join (select * from steps) as s on n.indicator_id = s.indicator_id and n.period_type = s.period_type and"
        " n.period_start = s.period_start and n.area_type = s.area_type and n.area_code = s.area_code"
        f" where n.area_type in {AREA_TYPES} and n.value is distinct from o.value"
    )


def _value(numerator: str, denominator: str) -> str:
    """The figure from its counts, as indicator_values makes it."""
    num = f"coalesce({numerator}, b.numerator)"
    den = f"coalesce({denominator}, b.denominator)"
    return (
        f"(case n.unit when 'percent' then round(100 * {num} / nullif({den}, 0), 10)"
        f" when 'rate_per_1000' then round(1000 * {num} / nullif({den}, 0), 10)"
        f" when 'rate_per_10000' then round(10000 * {num} / nullif({den}, 0), 10) else {num} end)"
    )
