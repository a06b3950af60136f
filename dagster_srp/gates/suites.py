"""The suites: plain JSON, one file per judged table, refused where they could pass without looking.

A suite is `expectations/<gate>/<table>.json`. Its `meta.table` names the table; `meta.query`, where given, is judged
instead of it. `{new_deliveries}`, there and in an expectation's query, stands for the delivery numbers of this refresh;
`{batch}` in an expectation's query stands for the rows that are judged. A suite with `meta.feed` is run only where
that feed has a new delivery.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, cast, get_args

from dagster_srp.errors import SuiteError

Gate = Literal["landing", "staging", "candidate"]
Severity = Literal["critical", "warning"]

GATES: tuple[Gate, ...] = get_args(Gate)
NEW_DELIVERIES = "{new_deliveries}"

ROW_COUNT = "expect_table_row_count_to_be_between"
_REQUIRED_META = ("name", "statement", "do_next")


@dataclass(frozen=True)
class Expectation:
    """One expectation as the suite words it; `meta` carries its name, its statement and what to do when it fails."""

    type: str
    kwargs: Mapping[str, Any]
    severity: Severity
    name: str
    statement: str
    do_next: str


@dataclass(frozen=True)
class Suite:
    """The expectations on one table."""

    name: str
    table: str
    query: str | None
    feed: str | None
    expectations: tuple[Expectation, ...]

    def rows_to_judge(self, new_deliveries: Sequence[int]) -> str:
        """The query whose rows the expectations are about."""
        query = self.query or f"select * from {self.table}"
        return query.replace(NEW_DELIVERIES, _number_list(new_deliveries))

    def expectations_about(self, new_deliveries: Sequence[int]) -> tuple[Expectation, ...]:
        """The expectations with the delivery numbers of this refresh written into their queries."""
        numbers = _number_list(new_deliveries)
        return tuple(
            replace(
                expectation,
                kwargs={
                    key: value.replace(NEW_DELIVERIES, numbers) if isinstance(value, str) else value
                    for key, value in expectation.kwargs.items()
                },
            )
            for expectation in self.expectations
        )


def load_suites(folder: Path, gate: Gate) -> list[Suite]:
    """Every suite of a gate in name order.

    Raises SuiteError listing every fault of every file: a gate without suites, and a suite that is empty, has an
    expectation without a name, has a name twice, or never asks for rows, would all pass without having looked.
    """
    paths = sorted((folder / gate).glob("*.json"))
    if not paths:
        raise SuiteError(
            f"The {gate} gate has no suite in {folder / gate}: it would pass without looking. Add one."
        )
    faults: list[str] = []
    suites: list[Suite] = []
    for path in paths:
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            faults.append(f"{path.name} is not JSON: {error}")
            continue
        found = _faults(document, path.stem)
        faults += [f"{path.name}: {fault}" for fault in found]
        if not found:
            suites.append(_suite(document))
    if faults:
        raise SuiteError(
            f"The {gate} gate cannot judge:\n- " + "\n- ".join(faults) + "\nSee expectations/README.md."
        )
    return suites


def _faults(document: Any, stem: str) -> list[str]:
    if not isinstance(document, dict) or not isinstance(document.get("meta"), dict):
        return ["a suite is an object with name, meta and expectations"]
    faults = []
    if document.get("name") != stem:
        faults.append(f"its name is {document.get('name')!r}, but the file's is {stem!r}")
    if not document["meta"].get("table"):
        faults.append("meta.table does not say which table is judged")
    expectations = document.get("expectations")
    if not isinstance(expectations, list) or not expectations:
        return [*faults, "it has no expectations, so it would pass without looking"]
    for number, expectation in enumerate(expectations, start=1):
        meta = expectation.get("meta") or {}
        faults += [f"expectation {number} has no meta.{key}" for key in _REQUIRED_META if not meta.get(key)]
        if not expectation.get("type"):
            faults.append(f"expectation {number} has no type")
        if expectation.get("severity") not in get_args(Severity):
            faults.append(f"expectation {number}: severity must be critical or warning")
    names = Counter(str((expectation.get("meta") or {}).get("name")) for expectation in expectations)
    faults += [f"the name {name!r} is used {count} times" for name, count in names.items() if count > 1]
    if not any(_asks_for_rows(expectation) for expectation in expectations):
        faults.append(
            f"nothing asks for rows, and an empty table passes every other expectation: add {ROW_COUNT} with "
            "min_value 1, or a query expectation with meta.asks_for_rows true that says when no rows are right"
        )
    return faults


def _asks_for_rows(expectation: Mapping[str, Any]) -> bool:
    counts_rows = (
        expectation.get("type") == ROW_COUNT and (expectation.get("kwargs") or {}).get("min_value", 0) >= 1
    )
    return counts_rows or (expectation.get("meta") or {}).get("asks_for_rows") is True


def _suite(document: Mapping[str, Any]) -> Suite:
    meta = document["meta"]
    return Suite(
        name=document["name"],
        table=meta["table"],
        query=meta.get("query"),
        feed=meta.get("feed"),
        expectations=tuple(
            Expectation(
                type=expectation["type"],
                kwargs=expectation.get("kwargs") or {},
                severity=cast(Severity, expectation["severity"]),
                name=expectation["meta"]["name"],
                statement=expectation["meta"]["statement"],
                do_next=expectation["meta"]["do_next"],
            )
            for expectation in document["expectations"]
        ),
    )


def _number_list(numbers: Sequence[int]) -> str:
    return ", ".join(str(int(number)) for number in numbers) or "null"
