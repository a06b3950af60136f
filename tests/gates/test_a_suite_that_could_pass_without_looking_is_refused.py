from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dagster_srp.gates import GATES, SuiteError, judge, load_suites
from dagster_srp.gates.from_contracts import EXPECTATIONS_DIR

from .warehouses import execute, expectation, has_rows, write_suite


def test_a_gate_without_suites(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match="no suite"):
        load_suites(tmp_path, "staging")


def test_an_empty_suite(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match=r"t\.json: it has no expectations"):
        load_suites(write_suite(tmp_path, "t", "main.t"), "staging")


def _nameless() -> dict[str, Any]:
    nameless = has_rows()
    del nameless["meta"]["name"]
    return nameless


@pytest.mark.parametrize(
    ("expectations", "fault"),
    [
        ([_nameless()], "expectation 1 has no meta.name"),
        ([has_rows(), has_rows()], "'has_rows' is used 2 times"),
        ([has_rows() | {"severity": "info"}], "severity must be critical or warning"),
        ([expectation("expect_column_values_to_not_be_null", "given", column="a")], "nothing asks for rows"),
        ([has_rows() | {"kwargs": {"min_value": 0}}], "nothing asks for rows"),
    ],
)
def test_a_suite_with_a_fault(tmp_path: Path, expectations: list[dict[str, Any]], fault: str) -> None:
    with pytest.raises(SuiteError, match=fault):
        load_suites(write_suite(tmp_path, "t", "main.t", *expectations), "staging")


def test_every_fault_of_every_file_is_listed(tmp_path: Path) -> None:
    write_suite(tmp_path, "t", "main.t")
    (tmp_path / "staging" / "u.json").write_text("{", encoding="utf-8")
    with pytest.raises(SuiteError) as raised:
        load_suites(tmp_path, "staging")
    assert "t.json" in str(raised.value) and "u.json is not JSON" in str(raised.value)


def test_an_unknown_table(tmp_path: Path) -> None:
    database = execute(tmp_path / "w.duckdb", "create table t as select 1 as a")
    suites = write_suite(tmp_path, "t", "main.somewhere_else", has_rows())
    with pytest.raises(SuiteError, match=r"main\.somewhere_else cannot be read: Catalog Error"):
        judge(database, "staging", suites=suites)


def test_an_unknown_kind_of_expectation(tmp_path: Path) -> None:
    database = execute(tmp_path / "w.duckdb", "create table t as select 1 as a")
    suites = write_suite(tmp_path, "t", "main.t", has_rows(), expectation("expect_wonders", "wonders"))
    with pytest.raises(SuiteError, match=r"t\.json is not a suite"):
        judge(database, "staging", suites=suites)


@pytest.mark.parametrize("gate", GATES)
def test_every_suite_of_the_project_can_be_loaded(gate: Any) -> None:
    suites = load_suites(EXPECTATIONS_DIR, gate)
    for suite in suites:
        for one in suite.expectations:
            query = one.kwargs.get("unexpected_rows_query")
            assert query is None or "{batch}" in query, (
                f"{suite.name}.{one.name} does not look at the judged rows"
            )


def test_the_suites_say_json_that_a_person_can_read() -> None:
    for path in EXPECTATIONS_DIR.glob("*/*.json"):
        text = path.read_text(encoding="utf-8")
        assert text == json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n", path
