"""The suites that follow from the contracts: what a contract says is said once, and gated as it says.

The suites are kept in `expectations/` so that they can be read and compared; a test rebuilds each side from the other.
After a change of a contract, `python -m dagster_srp.gates.from_contracts` writes them anew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from dagster_srp.contracts import Column, Contract, load_contracts
from dagster_srp.contracts.versions import widest
from dagster_srp.duck import literal
from dagster_srp.gates.suites import NEW_DELIVERIES, ROW_COUNT, Gate, Severity
from dagster_srp.landing.rules import outside_its_days

EXPECTATIONS_DIR = Path(__file__).parents[2] / "expectations"
LEDGER_SUITE = "ledger_deliveries"
RELEASED_COLUMNS_SUITE = "released_columns"

PERSONAL_WORDS = (
    "forename",
    "surname",
    "first_name",
    "last_name",
    "full_name",
    "birth",
    "dob",
    "address",
    "postcode",
    "telephone",
    "phone",
    "mobile",
    "email",
    "nhs",
    "commentary",
    "evidence",
    "narrative",
    "free_text",
    "row_text",
)
"""Words that only columns of the restricted warehouse bear."""

TECHNICAL_COLUMNS: Mapping[str, str] = {"_delivery_no": "INTEGER", "_member": "VARCHAR", "_line": "INTEGER"}
"""What landing adds to a contract's columns in `raw.<feed>`."""

# Half and double the usual volume: a month's extract sent twice, or cut in two, falls outside, while the busiest and
# the quietest month of a year stay inside. Narrower, each August and December would warn; wider, a missing half passes.
VOLUME_LOW, VOLUME_HIGH = 0.5, 2.0
VOLUME_HISTORY = 12
# Below three earlier deliveries a median is only one of them.
VOLUME_LEAST_HISTORY = 3
# A delivery for a month is cut in the next: a month of grace, or every feed would warn until its partner had sent.
FRESHNESS_GRACE_MONTHS = 1


def landing_suite(contract: Contract) -> dict[str, Any]:
    """What must hold of a feed's rows in its new deliveries, by whatever version of the contract they were judged."""
    contract = widest(contract)
    raw = f"raw.{contract.feed}"
    columns = {column.name: column.storage_type for column in contract.columns} | dict(TECHNICAL_COLUMNS)
    listed = ", ".join(f"({literal(name)}, {literal(kind)})" for name, kind in columns.items())
    fix = (
        f"compare `describe {raw}` with contracts/{contract.feed}.odcs.yaml; rebuild landing from the archive"
    )
    accepted = (
        f"d.feed = {literal(contract.feed)} and d.state = 'accepted' and d.delivery_no in ({NEW_DELIVERIES})"
    )
    expectations = [
        _query(
            "has_rows_where_accepted",
            "there are rows wherever the ledger says that a new delivery had some accepted",
            "land the delivery again from the archive: its rows and its ledger entry were not written together",
            "select 1 where not exists (select 1 from {batch}) and exists "
            f"(select 1 from ledger.deliveries as d where {accepted} and d.accepted_count > 0)",
            asks_for_rows=True,
        ),
        _expectation(
            "expect_table_columns_to_match_ordered_list",
            "columns_in_order",
            "the columns are the contract's, in its order",
            fix,
            column_list=list(columns),
        ),
        _query(
            "column_types",
            "each column has the type that the contract gives it",
            fix,
            f"select column_name from (describe {{batch}}) where (column_name, column_type) not in ({listed})",
        ),
        _query(
            "accepted_rows_landed",
            "each new delivery has as many rows here as the ledger says were accepted",
            "land the delivery again from the archive: its rows and its ledger entry were not written together",
            "select d.delivery_no from ledger.deliveries as d left join "
            "(select _delivery_no, count(*) as row_count from {batch} group by _delivery_no) as landed "
            "on landed._delivery_no = d.delivery_no "
            f"where {accepted} and d.accepted_count <> coalesce(landed.row_count, 0)",
        ),
    ]
    for column in contract.columns:
        expectations += _column_expectations(contract, column)
    expectations += _row_expectations(contract)
    query = f"select * from {raw} where _delivery_no in ({NEW_DELIVERIES})"
    return _suite(contract.feed, {"table": raw, "feed": contract.feed, "query": query}, expectations)


def staging_suite(contract: Contract) -> dict[str, Any]:
    """What must hold of a feed's visible, latest records, judged by those that new deliveries brought.

    The others were judged when they came, and so was a feed without a new delivery; to a full build each is new. Keys are
    compared only where a refresh adds to a feed: a full build ranks all versions in one pass, and comparing 20 million
    keys here, and again in the facts at the candidate gate, would cost seconds twice.
    """
    staged = f"staging.stg_{contract.feed}"
    brought = f"select * from {staged} where _delivery_no in (select delivery_no from control.visible_delivery where is_new)"
    visible = f"control.visible_delivery as v where v.feed = {literal(contract.feed)}"
    accepted = (
        "select coalesce(sum(d.accepted_count), 0) from landing.ledger.deliveries as d where d.delivery_no in "
        f"(select v.delivery_no from {visible}"
    )
    expectations = [
        _query(
            "has_rows_where_delivered",
            "there are rows wherever the feed has a visible delivery that had some accepted",
            f"look at the model stg_{contract.feed} and at control.visible_delivery",
            "select 1 where not exists (select 1 from {batch}) "
            f"and not exists (select 1 from {staged} limit 1) and ({accepted})) > 0",
            asks_for_rows=True,
        ),
        _query(
            "no_more_rows_than_accepted",
            "there are no more rows than the visible deliveries had accepted, nor of the new ones than they had",
            f"a join or a delete+insert in stg_{contract.feed} doubles records; build it again with --full-refresh",
            f"select 1 where (select count(*) from {{batch}}) > ({accepted} and v.is_new)) "
            f"or (select count(*) from {staged}) > ({accepted}))",
        ),
        *(
            _not_null(name, f"look at the model stg_{contract.feed}: landing refuses a row without its key")
            for name in contract.key
        ),
    ]
    if contract.key:
        key = ", ".join(contract.key)
        expectations.append(
            _query(
                "key_is_unique",
                f"{key} names one record, among those that new deliveries brought to a feed that had records before",
                f"look at how stg_{contract.feed} picks the latest version; build it again with --full-refresh",
                f"select {key} from {staged} semi join (select {key} from {{batch}}) as brought using ({key}) "
                f"where exists (select 1 from {visible} and not v.is_new) group by {key} having count(*) > 1",
            )
        )
    meta = {"table": staged, "feed": contract.feed, "query": brought}
    return _suite(f"stg_{contract.feed}", meta, expectations)


def ledger_suite(contracts: Iterable[Contract]) -> dict[str, Any]:
    """What must hold of the ledger: conservation for every delivery, and volume and freshness by the feeds' own habit."""
    contracts = list(contracts)
    cadences = ", ".join(f"({literal(c.feed)}, {c.cadence_months})" for c in contracts)
    never_empty = ", ".join(literal(c.feed) for c in contracts if not c.may_be_empty)
    earlier = (
        f"over (partition by feed order by extracted_at, delivery_no "
        f"rows between {VOLUME_HISTORY} preceding and 1 preceding)"
    )
    expectations = [
        _has_rows("deliver a feed to the inbox; `srp deliveries` shows what was held and why"),
        _query(
            "rows_are_conserved",
            "for each delivery, rows read are rows accepted and rows quarantined",
            "land the delivery again from the archive; `srp deliveries` shows its counts",
            "select delivery_no from {batch} where rows_read_count <> accepted_count + quarantined_count "
            "or rows_read_count is null or accepted_count is null or quarantined_count is null",
        ),
        _query(
            "deliveries_have_rows",
            "each accepted delivery of a feed that replaces what came before brought a row at least",
            "landing holds such a delivery: see landing/land.py; `srp deliveries` names it",
            f"select delivery_no from {{batch}} where accepted_count < 1 and feed in ({never_empty})",
        ),
        _query(
            "accepted_stays_accepted",
            "no delivery that was accepted, and that nobody has refused, is held since its contract changed",
            "`srp deliveries` says why it is held; tell the change as a new version of the contract with its first day, or"
            " say that the column may be left out: docs/engineer.md, 'Changing a contract'",
            "select d.feed, d.delivery_no from ledger.deliveries as d semi join ledger.once_accepted as o "
            "on o.feed = d.feed and o.sha256 = d.sha256 "
            "where d.state = 'held' and d.delivery_no not in (select delivery_no from {batch}) and not exists "
            "(select 1 from ledger.decisions as r where r.delivery_no = d.delivery_no and r.state = 'refused')",
        ),
        _query(
            "delivery_no_is_unique",
            "a delivery number is one delivery",
            "land again from the archive: the ledger is damaged",
            "select delivery_no from {batch} group by delivery_no having count(*) > 1",
        ),
        _query(
            "volume_as_usual",
            f"each new delivery has between {VOLUME_LOW:g} and {VOLUME_HIGH:g} times the median rows of its feed's "
            f"previous {VOLUME_HISTORY} deliveries",
            "`srp deliveries` shows the counts; ask the partner whether the extract is whole",
            f"select delivery_no from (select delivery_no, is_new, rows_read_count, median(rows_read_count) {earlier} "
            f"as usual_count, count(*) {earlier} as earlier_count from {{batch}}) as history "
            f"where is_new and earlier_count >= {VOLUME_LEAST_HISTORY} and (rows_read_count < {VOLUME_LOW} * usual_count "
            f"or rows_read_count > {VOLUME_HIGH} * usual_count)",
            severity="warning",
        ),
        _query(
            "feeds_are_fresh",
            "each feed's latest delivery is no older than its cadence and a month of grace, against the newest of all",
            "`srp deliveries` shows each feed's latest; ask the partner for what is missing",
            "select latest.feed from (select feed, max(extracted_at) as extracted_at from {batch} group by feed) as latest "
            f"join (values {cadences}) as promised(feed, months) on promised.feed = latest.feed "
            f"where latest.extracted_at + to_months(promised.months + {FRESHNESS_GRACE_MONTHS}) "
            "< (select max(extracted_at) from {batch})",
            severity="warning",
        ),
    ]
    query = (
        f"select *, coalesce(delivery_no in ({NEW_DELIVERIES}), false) as is_new "
        "from ledger.deliveries where state = 'accepted'"
    )
    return _suite(LEDGER_SUITE, {"table": "ledger.deliveries", "query": query}, expectations)


def released_columns_suite(contracts: Iterable[Contract]) -> dict[str, Any]:
    """What must hold of the columns of everything that is released: none is personal, by name or by kind of word."""
    personal = sorted(
        {c.name for contract in contracts for c in contract.columns if c.sensitivity == "personal"}
    )
    fix = "take the column out of the mart, or keep a keyed pseudonym (`*_key`) in its place"
    expectations = [
        _has_rows("the candidate has no tables: look at the dbt build"),
        _expectation(
            "expect_column_values_to_not_be_in_set",
            "no_personal_column_of_a_contract",
            "no released column bears the name of a column that a contract calls personal",
            fix,
            column="column_name",
            value_set=personal,
        ),
        _expectation(
            "expect_column_values_to_not_match_regex",
            "no_column_that_sounds_personal",
            "no released column's name speaks of names of persons, births, addresses, postcodes, telephones or free text",
            fix,
            column="column_name",
            regex=rf"(?i)(?:^|_)(?:{'|'.join(PERSONAL_WORDS)})(?:e?s)?(?:_|$)",
        ),
        _query(
            "tables_only",
            "there is no view: a view could look into the restricted warehouse",
            "materialise the model as a table",
            "select distinct table_name from {batch} where table_name in "
            "(select view_name from duckdb_views() where database_name = current_database() and not internal)",
        ),
    ]
    query = (
        "select schema_name, table_name, column_name, data_type from duckdb_columns() "
        "where database_name = current_database() and not internal"
    )
    return _suite(RELEASED_COLUMNS_SUITE, {"table": "duckdb_columns()", "query": query}, expectations)


def write_landing_suites(
    folder: Path = EXPECTATIONS_DIR, contracts: Mapping[str, Contract] | None = None
) -> None:
    """Write `landing/<feed>.json` of every contract and the ledger's, and remove those of feeds that are no more."""
    agreed = contracts if contracts is not None else load_contracts()
    _write_all(
        folder, "landing", [*(landing_suite(c) for c in agreed.values()), ledger_suite(agreed.values())]
    )


def write_staging_suites(
    folder: Path = EXPECTATIONS_DIR, contracts: Mapping[str, Contract] | None = None
) -> None:
    """Write `staging/stg_<feed>.json` of every contract, and remove those of feeds that are no more."""
    agreed = contracts if contracts is not None else load_contracts()
    _write_all(folder, "staging", [staging_suite(c) for c in agreed.values()])


def write_released_columns_suite(
    folder: Path = EXPECTATIONS_DIR, contracts: Mapping[str, Contract] | None = None
) -> None:
    """Write `candidate/released_columns.json`; the gate's other suites are written by hand and left alone."""
    agreed = contracts if contracts is not None else load_contracts()
    _write_suite(folder / "candidate", released_columns_suite(agreed.values()))


def list_pattern(values: Sequence[str], separator: str) -> str:
    """The form of a text that holds a list of these values."""
    item = r"\s*(?:" + "|".join(re.escape(value) for value in values) + r")\s*"
    return f"^{item}(?:{re.escape(separator)}{item})*$"


def _column_expectations(contract: Contract, column: Column) -> Iterator[dict[str, Any]]:
    fix = f"landing let through what contracts/{contract.feed}.odcs.yaml forbids: see landing/rules.py"
    name, is_text = column.name, column.storage_type == "VARCHAR"
    if column.required:
        yield _not_null(name, fix)
    if column.pattern and is_text:
        yield _expectation(
            "expect_column_values_to_match_regex",
            f"{name}_has_its_form",
            f"{name} has the form {column.pattern}",
            fix,
            column=name,
            regex=column.pattern,
        )
    if column.allowed_values and column.separator:
        yield _expectation(
            "expect_column_values_to_match_regex",
            f"{name}_holds_known_values",
            f"{name} lists only values that the contract knows",
            fix,
            column=name,
            regex=list_pattern(column.allowed_values, column.separator),
        )
    elif column.allowed_values:
        yield _expectation(
            "expect_column_values_to_be_in_set",
            f"{name}_holds_known_values",
            f"{name} holds only values that the contract knows",
            fix,
            column=name,
            value_set=list(column.allowed_values)
            if is_text
            else [json.loads(v) for v in column.allowed_values],
        )
    if column.references and column.references.on:
        yield _query(
            f"{name}_is_of_its_day",
            f"{name} holds only values of seeds/{column.references.seed}.csv that are valid in the row's {column.references.on}",
            fix,
            f"select 1 from {{batch}} where {outside_its_days(column, column.references.on)}",
        )
    if column.minimum is not None or column.maximum is not None:
        limits = {"min_value": column.minimum, "max_value": column.maximum}
        yield _expectation(
            "expect_column_values_to_be_between",
            f"{name}_is_in_range",
            f"{name} is {_range_in_words(column)}",
            fix,
            column=name,
            **{limit: value for limit, value in limits.items() if value is not None},
        )


def _row_expectations(contract: Contract) -> Iterator[dict[str, Any]]:
    if contract.key:
        key = ", ".join(contract.key)
        yield _query(
            "key_is_unique",
            f"{key} names one record within a delivery",
            "landing quarantines a repeated key: see landing/rules.py",
            f"select {key} from {{batch}} group by {key}, _delivery_no having count(*) > 1",
        )
    for number, rule in enumerate(contract.row_rules, start=1):
        yield _query(
            f"row_rule_{number}",
            rule.description,
            f"landing let through what contracts/{contract.feed}.odcs.yaml forbids: see landing/rules.py",
            f"select 1 from {{batch}} where not ({rule.expression})",
        )


def _range_in_words(column: Column) -> str:
    if column.minimum is None:
        return f"at most {column.maximum:g}"
    if column.maximum is None:
        return f"at least {column.minimum:g}"
    return f"between {column.minimum:g} and {column.maximum:g}"


def _has_rows(do_next: str) -> dict[str, Any]:
    return _expectation(ROW_COUNT, "has_rows", "there is a row at least", do_next, min_value=1)


def _not_null(column: str, do_next: str) -> dict[str, Any]:
    kind = "expect_column_values_to_not_be_null"
    return _expectation(kind, f"{column}_is_given", f"{column} is never empty", do_next, column=column)


def _query(
    name: str,
    statement: str,
    do_next: str,
    query: str,
    severity: Severity = "critical",
    asks_for_rows: bool = False,
) -> dict[str, Any]:
    """An expectation that the query finds no row."""
    kwargs = {"unexpected_rows_query": query}
    expectation = _expectation("unexpected_rows_expectation", name, statement, do_next, severity, **kwargs)
    if asks_for_rows:
        expectation["meta"]["asks_for_rows"] = True
    return expectation


def _expectation(
    kind: str, name: str, statement: str, do_next: str, severity: Severity = "critical", /, **kwargs: Any
) -> dict[str, Any]:
    return {
        "type": kind,
        "kwargs": kwargs,
        "severity": severity,
        "meta": {"name": name, "statement": statement, "do_next": do_next},
    }


def _suite(name: str, meta: dict[str, Any], expectations: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "name": name,
        "meta": {**meta, "written_by": "dagster_srp.gates.from_contracts"},
        "expectations": expectations,
    }


def _write_all(folder: Path, gate: Gate, suites: list[dict[str, Any]]) -> None:
    target = folder / gate
    target.mkdir(parents=True, exist_ok=True)
    names = {suite["name"] for suite in suites}
    for path in target.glob("*.json"):
        if path.stem not in names:
            path.unlink()
    for suite in suites:
        _write_suite(target, suite)


def _write_suite(target: Path, suite: dict[str, Any]) -> None:
    target.mkdir(parents=True, exist_ok=True)
    text = json.dumps(suite, indent=2, ensure_ascii=False) + "\n"
    (target / f"{suite['name']}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_landing_suites()
    write_staging_suites()
    write_released_columns_suite()
