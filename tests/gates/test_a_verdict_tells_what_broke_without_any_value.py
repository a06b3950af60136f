from __future__ import annotations

import logging
from pathlib import Path

import duckdb
import pytest

from dagster_srp.duck import Engine
from dagster_srp.gates import Verdict, judge, refused

from .warehouses import execute, expectation, has_rows, write_suite

PLANTED = "Zebediah"


def _people(path: Path) -> Path:
    return execute(
        path,
        f"create table people as select range as id, '{PLANTED}' as surname, null::varchar as town from range(3)",
        "create table nobody (id integer)",
    )


def _by_name(verdicts: list[Verdict]) -> dict[str, Verdict]:
    return {verdict.name: verdict for verdict in verdicts}


def test_no_raw_value_leaves_the_gate(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    suites = write_suite(
        tmp_path,
        "people",
        "main.people",
        has_rows(),
        expectation("expect_column_values_to_be_in_set", "in_set", column="surname", value_set=["Smith"]),
        expectation("expect_column_values_to_match_regex", "in_form", column="surname", regex="^x$"),
        expectation("expect_column_values_to_be_unique", "unique", column="surname"),
        expectation(
            "expect_column_most_common_value_to_be_in_set", "usual", column="surname", value_set=["Smith"]
        ),
        expectation(
            "expect_column_distinct_values_to_be_in_set", "distinct", column="surname", value_set=["Smith"]
        ),
        expectation("unexpected_rows_expectation", "query", unexpected_rows_query="select * from {batch}"),
        expectation(
            "unexpected_rows_expectation",
            "cast",
            unexpected_rows_query="select 1 from {batch} where surname::int = 1",
        ),
    )
    with caplog.at_level(logging.DEBUG):
        verdicts = judge(_people(tmp_path / "w.duckdb"), "staging", suites=suites)
    assert [v.name for v in verdicts if v.success] == ["has_rows"]
    printed = capfd.readouterr()
    assert PLANTED not in repr(verdicts) + caplog.text + printed.out + printed.err
    assert "may quote a value" in _by_name(verdicts)["cast"].message


def test_the_message_says_what_was_expected_how_many_broke_it_and_what_to_do(tmp_path: Path) -> None:
    given = expectation("expect_column_values_to_not_be_null", "town_is_given", column="town")
    suites = write_suite(tmp_path, "people", "main.people", given, has_rows())
    verdict = _by_name(judge(_people(tmp_path / "w.duckdb"), "staging", suites=suites))["town_is_given"]
    assert verdict.message == (
        "main.people: town_is_given holds. Broken by 3 cases in 3 rows. Next: look at the record."
    )
    assert (verdict.checked_count, verdict.unexpected_count) == (3, 3)


def test_results_are_matched_by_name_whatever_order_they_come_in(tmp_path: Path) -> None:
    kind = "expect_column_values_to_be_between"
    wanted = [
        expectation(kind, f"id_at_most_{limit}", column="id", max_value=limit) for limit in (2, 0, 5, 1, 3)
    ]
    suites = write_suite(tmp_path, "people", "main.people", *wanted, has_rows())
    verdicts = judge(_people(tmp_path / "w.duckdb"), "staging", suites=suites)
    assert [(v.name, v.success, v.unexpected_count) for v in verdicts[:5]] == [
        ("id_at_most_2", True, 0),
        ("id_at_most_0", False, 2),
        ("id_at_most_5", True, 0),
        ("id_at_most_1", False, 1),
        ("id_at_most_3", True, 0),
    ]


def test_a_broken_warning_is_shown_and_refuses_nothing(tmp_path: Path) -> None:
    warning = expectation(
        "expect_column_values_to_not_be_null", "town_is_given", severity="warning", column="town"
    )
    suites = write_suite(tmp_path, "people", "main.people", has_rows(), warning)
    verdicts = judge(_people(tmp_path / "w.duckdb"), "staging", suites=suites)
    assert [v.success for v in verdicts] == [True, False]
    assert refused(verdicts) == []


def test_an_expectation_that_cannot_be_judged_is_critical_whatever_its_severity(tmp_path: Path) -> None:
    warning = expectation(
        "expect_column_values_to_not_be_null", "age_is_given", severity="warning", column="age"
    )
    suites = write_suite(tmp_path, "people", "main.people", has_rows(), warning)
    (verdict,) = refused(judge(_people(tmp_path / "w.duckdb"), "staging", suites=suites))
    assert "there is no column age" in verdict.message


def test_an_empty_table_is_refused(tmp_path: Path) -> None:
    suites = write_suite(tmp_path, "nobody", "main.nobody", has_rows())
    (verdict,) = refused(judge(_people(tmp_path / "w.duckdb"), "staging", suites=suites))
    assert verdict.checked_count == 0


def test_a_column_that_is_empty_throughout_is_refused(tmp_path: Path) -> None:
    given = expectation("expect_column_values_to_not_be_null", "town_is_given", column="town")
    suites = write_suite(tmp_path, "people", "main.people", has_rows(), given)
    assert [v.name for v in refused(judge(_people(tmp_path / "w.duckdb"), "staging", suites=suites))] == [
        "town_is_given"
    ]


def test_missing_and_unexpected_columns_are_named(tmp_path: Path) -> None:
    columns = expectation(
        "expect_table_columns_to_match_ordered_list", "columns", column_list=["id", "surname", "age"]
    )
    suites = write_suite(tmp_path, "people", "main.people", has_rows(), columns)
    (verdict,) = refused(judge(_people(tmp_path / "w.duckdb"), "staging", suites=suites))
    assert "missing: age; not expected: town" in verdict.message


def test_a_query_can_stand_in_for_a_table(tmp_path: Path) -> None:
    suites = write_suite(tmp_path, "people", "main.people", has_rows())
    tables = {"main.people": "select * from main.people where id = 1"}
    (verdict,) = judge(_people(tmp_path / "w.duckdb"), "staging", suites=suites, tables=tables)
    assert verdict.checked_count == 1


def test_the_file_is_left_closed_and_unchanged(tmp_path: Path) -> None:
    database = _people(tmp_path / "w.duckdb")
    before = database.read_bytes()
    suites = write_suite(tmp_path, "people", "main.people", has_rows())
    judge(database, "staging", suites=suites, engine=Engine(1, "1GB"))
    assert database.read_bytes() == before
    with duckdb.connect(str(database)) as connection:
        connection.execute("create table written as select 1 as a")
