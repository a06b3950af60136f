"""Runs a gate's suites over a DuckDB file and answers with verdicts."""

from __future__ import annotations

import functools
import logging
import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb

from dagster_srp.duck import Engine, attach, open_file, value_of
from dagster_srp.errors import SuiteError
from dagster_srp.gates.suites import Expectation, Gate, Severity, Suite, load_suites
from dagster_srp.gates.verdict import Verdict

# Complaints about the wording of a query, or about a file, name columns, tables and paths; any other may quote a value.
_ERROR_WITHOUT_VALUES = re.compile(r"(?:Binder|Catalog|Parser|IO) Error: [^\n]+")
SELDOM_USED = ("altair", "scipy.stats")
"""What Great Expectations imports for a few expectations and charts: a second of every refresh, and no suite's here."""
_COUNTS_ONLY = {"result_format": "BASIC", "partial_unexpected_count": 0, "exclude_unexpected_values": True}


@dataclass(frozen=True)
class _Judged:
    """A suite with the rows it is about: their query, columns and number."""

    suite: Suite
    query: str
    columns: tuple[str, ...]
    row_count: int

    @property
    def view(self) -> str:
        """The view under which the query stands while it is judged."""
        return f"judged_{self.suite.name}"


@dataclass(frozen=True)
class _Result:
    """What Great Expectations found, without any value: `error` tells why the expectation could not be judged."""

    success: bool
    unexpected_count: int | None = None
    error: str | None = None


def judge(
    database: Path,
    gate: Gate,
    *,
    suites: Path,
    tables: Mapping[str, str] | None = None,
    attached: Mapping[str, Path] | None = None,
    new_deliveries: Sequence[int] = (),
    engine: Engine | None = None,
) -> list[Verdict]:
    """Judge a DuckDB file by a gate's suites: one verdict per expectation, in the suites' order.

    `suites` is the folder that holds `<gate>/<table>.json`. `tables` gives queries to judge in place of tables, by the
    suites' table names. `attached` are companions of the file, by the name under which queries know them. All files
    are opened read-only, so no connection of this process may hold one of them open for writing. `new_deliveries` are
    the deliveries of this refresh: a suite of a feed that has none among them is not run.

    Raises SuiteError where a suite is missing, empty, ill-formed, or names a table that is not there.
    """
    loaded = load_suites(suites, gate)
    companions = dict(attached or {})
    judged = _rows_to_judge(database, companions, loaded, gate, tables or {}, new_deliveries, engine)
    results = _results(database, companions, judged, new_deliveries, engine or Engine())
    return [
        _verdict(gate, one, expectation, results[one.suite.name][expectation.name])
        for one in judged
        for expectation in one.suite.expectations
    ]


def _rows_to_judge(
    database: Path,
    companions: Mapping[str, Path],
    suites: Sequence[Suite],
    gate: Gate,
    tables: Mapping[str, str],
    new_deliveries: Sequence[int],
    engine: Engine | None,
) -> list[_Judged]:
    judged: list[_Judged] = []
    faults: list[str] = []
    with open_file(database, engine) as connection:
        for alias, path in companions.items():
            attach(connection, path, alias)
        ledger = "landing.ledger" if "landing" in companions else "ledger"
        feeds = _feeds_of(connection, ledger, new_deliveries)
        known = {suite.feed for suite in suites}
        faults += [
            f"{feed} has new deliveries and no suite: write one with gates.from_contracts"
            for feed in feeds - known
        ]
        for suite in suites:
            if suite.feed is not None and suite.feed not in feeds:
                continue
            query = tables.get(suite.table) or suite.rows_to_judge(new_deliveries)
            try:
                columns = tuple(row[0] for row in connection.execute(f"describe {query}").fetchall())
                row_count = int(value_of(connection, f"select count(*) from ({query}) as judged"))
            except duckdb.Error as error:
                faults.append(
                    f"{suite.name}.json: {suite.table} cannot be read: {without_values(str(error))}"
                )
                continue
            judged.append(_Judged(suite, query, columns, row_count))
    if faults:
        raise SuiteError(f"The {gate} gate cannot judge {database.name}:\n- " + "\n- ".join(sorted(faults)))
    return judged


def _feeds_of(connection: duckdb.DuckDBPyConnection, ledger: str, deliveries: Sequence[int]) -> set[str]:
    """The feeds that have an accepted delivery among these; `ledger` is the schema of the ledger's tables."""
    if not deliveries:
        return set()
    rows = connection.execute(
        f"select distinct feed from {ledger}.deliveries where state = 'accepted' and list_contains($1, delivery_no)",
        [list(deliveries)],
    ).fetchall()
    return {str(feed) for (feed,) in rows}


def _results(
    database: Path,
    companions: Mapping[str, Path],
    judged: Sequence[_Judged],
    new_deliveries: Sequence[int],
    engine: Engine,
) -> dict[str, dict[str, _Result]]:
    """Each suite's results by expectation name: the order in which Great Expectations answers is its own."""
    if not judged:
        return {}
    gx, connection_url = load_great_expectations()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_sql(
        "judged",
        connection_string=connection_url(database),
        create_temp_table=False,
        kwargs={
            "connect_args": {
                "config": engine.config,
                "attached": {alias: str(path) for alias, path in companions.items()},
                "views": {one.view: one.query for one in judged},
            }
        },
    )
    try:
        return {one.suite.name: _judge_one(gx, source, one, new_deliveries) for one in judged}
    finally:
        for opened in (source.get_engine(), source.get_execution_engine().engine):
            opened.dispose()


def _judge_one(gx: Any, source: Any, judged: _Judged, new_deliveries: Sequence[int]) -> dict[str, _Result]:
    """Judge by yes and no first, which costs least; only what failed is judged again to count the rows."""
    asset = source.add_table_asset(judged.view, table_name=judged.view)
    batch = asset.add_batch_definition_whole_table("all").get_batch()
    wanted = judged.suite.expectations_about(new_deliveries)
    results = _validated(gx, batch, judged.suite.name, wanted, "BOOLEAN_ONLY")
    failed = [e for e in wanted if not results[e.name].success and results[e.name].error is None]
    if failed:
        results |= _validated(gx, batch, judged.suite.name, failed, _COUNTS_ONLY)
    return results


def _validated(
    gx: Any,
    batch: Any,
    suite_name: str,
    expectations: Sequence[Expectation],
    result_format: str | dict[str, Any],
) -> dict[str, _Result]:
    try:
        suite = gx.ExpectationSuite(
            name=suite_name,
            expectations=[
                {"type": e.type, "kwargs": dict(e.kwargs), "severity": e.severity, "meta": {"name": e.name}}
                for e in expectations
            ],
        )
    except (gx.exceptions.GreatExpectationsError, ValueError, TypeError) as error:
        raise SuiteError(
            f"{suite_name}.json is not a suite that Great Expectations can judge: {error}"
        ) from error
    answer = batch.validate(suite, result_format=result_format)
    results = {result.expectation_config.meta["name"]: _result(result) for result in answer.results}
    # A kind that Great Expectations does not know is left out of its answer without a word.
    unanswered = [f"{e.name} ({e.type})" for e in expectations if e.name not in results]
    if unanswered:
        raise SuiteError(
            f"{suite_name}.json is not a suite that Great Expectations can judge: {', '.join(unanswered)}"
        )
    return results


def _result(result: Any) -> _Result:
    error = _error_of(result.exception_info or {})
    if error is not None:
        return _Result(success=False, error=error)
    found = result.result or {}
    count = found.get("unexpected_count")
    if count is None and result.expectation_config.type == "unexpected_rows_expectation":
        count = found.get("observed_value")
    return _Result(success=bool(result.success), unexpected_count=None if count is None else int(count))


def _error_of(exception_info: Mapping[str, Any]) -> str | None:
    """Why an expectation could not be judged; one entry, or one for each metric that failed."""
    entries = [exception_info] if "raised_exception" in exception_info else list(exception_info.values())
    raised = [entry for entry in entries if entry.get("raised_exception")]
    if not raised:
        return None
    return without_values(str(raised[0].get("exception_message", "")))


def without_values(message: str) -> str:
    """What may be said of a failure: a complaint about the wording of a query, and of any other that there was one."""
    found = _ERROR_WITHOUT_VALUES.search(message)
    return found.group(0) if found else "its query failed (the reason is not shown: it may quote a value)"


def _verdict(gate: Gate, judged: _Judged, expectation: Expectation, result: _Result) -> Verdict:
    severity: Severity = "critical" if result.error else expectation.severity
    return Verdict(
        gate=gate,
        table=judged.suite.table,
        name=expectation.name,
        severity=severity,
        success=result.success,
        message=_message(judged, expectation, result),
        checked_count=judged.row_count,
        unexpected_count=0 if result.success else result.unexpected_count,
    )


def _message(judged: _Judged, expectation: Expectation, result: _Result) -> str:
    subject = f"{judged.suite.table}: {expectation.statement.rstrip('.')}"
    rows = f"{judged.row_count:,} {'row' if judged.row_count == 1 else 'rows'}"
    if result.success:
        return f"{subject}. Holds over {rows}."
    column = expectation.kwargs.get("column")
    if result.error and column is not None and column not in judged.columns:
        found = f"This could not be judged: there is no column {column}"
    elif result.error:
        found = f"This could not be judged: {result.error}"
    elif result.unexpected_count is not None:
        broken = f"{result.unexpected_count:,} {'case' if result.unexpected_count == 1 else 'cases'}"
        found = f"Broken by {broken} in {rows}"
    else:
        found = f"Broken, in {rows}"
    mismatch = _column_mismatch(judged.columns, expectation.kwargs)
    return f"{subject}. {found}{mismatch}. Next: {expectation.do_next.rstrip('.')}."


def _column_mismatch(columns: Sequence[str], kwargs: Mapping[str, Any]) -> str:
    """Which columns are missing or too many, where the expectation is about the table's columns."""
    wanted = kwargs.get("column_list") or kwargs.get("column_set")
    if not wanted:
        return ""
    missing = [name for name in wanted if name not in columns]
    added = [name for name in columns if name not in wanted]
    if not missing and not added:
        return "; the columns are all there, in another order"
    parts = [("missing", missing), ("not expected", added)]
    return "".join(f"; {what}: {', '.join(names)}" for what, names in parts if names)


@functools.cache
def load_great_expectations() -> tuple[Any, Any]:
    """Great Expectations, imported when it is first needed: it takes seconds, and only a gate needs them."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    # Its log quotes queries and failures, which may hold values; what matters comes back as a verdict.
    log = logging.getLogger("great_expectations")
    log.addHandler(logging.NullHandler())
    log.propagate = False
    for module in SELDOM_USED:
        _load_when_used(module)
    import great_expectations as gx

    from dagster_srp.gates.on_duckdb import connection_url

    return gx, connection_url


def _load_when_used(name: str) -> None:
    """An import of the module gives a stand-in, which loads the module when something of it is asked for."""
    if name in sys.modules:
        return
    stand_in = ModuleType(name)
    stand_in.__spec__ = ModuleSpec(name, None)

    def of_module(attribute: str) -> Any:
        if sys.modules.get(name) is stand_in:
            del sys.modules[name]
        return getattr(import_module(name), attribute)

    vars(stand_in)["__getattr__"] = of_module
    sys.modules[name] = stand_in
