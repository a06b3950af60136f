"""Great Expectations does not support DuckDB: each kind that a suite uses must tell good from bad on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dagster_srp.gates import GATES, judge, load_suites
from dagster_srp.gates.from_contracts import EXPECTATIONS_DIR

from .warehouses import execute, expectation, has_rows, write_suite

KINDS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "expect_table_row_count_to_be_between": ({"min_value": 1}, {"min_value": 4}),
    "expect_table_columns_to_match_ordered_list": (
        {"column_list": ["id", "code", "day"]},
        {"column_list": ["id", "day", "code"]},
    ),
    "expect_column_values_to_not_be_null": ({"column": "id"}, {"column": "code"}),
    "expect_column_values_to_be_in_set": (
        {"column": "code", "value_set": ["a:1", "b"]},
        {"column": "code", "value_set": ["b"]},
    ),
    "expect_column_values_to_not_be_in_set": (
        {"column": "code", "value_set": ["c"]},
        {"column": "code", "value_set": ["b"]},
    ),
    "expect_column_values_to_be_between": (
        {"column": "id", "min_value": 0, "max_value": 2},
        {"column": "id", "max_value": 1},
    ),
    "expect_column_values_to_match_regex": (
        {"column": "code", "regex": r"^(?:a:\d{1}|b)$"},
        {"column": "code", "regex": r"^a:\d{1}$"},
    ),
    "expect_column_values_to_not_match_regex": (
        {"column": "code", "regex": "(?i)^C"},
        {"column": "code", "regex": "(?i)^B"},
    ),
    "expect_column_values_to_match_regex_list": (
        {"column": "code", "regex_list": ["^a", "^b"]},
        {"column": "code", "regex_list": ["^a", "^c"]},
    ),
    "expect_column_values_to_not_match_regex_list": (
        {"column": "code", "regex_list": ["^c", "^d"]},
        {"column": "code", "regex_list": ["^c", "^b"]},
    ),
    "expect_column_values_to_match_like_pattern": (
        {"column": "code", "like_pattern": "%"},
        {"column": "code", "like_pattern": "a%"},
    ),
    "expect_column_values_to_not_match_like_pattern": (
        {"column": "code", "like_pattern": "c%"},
        {"column": "code", "like_pattern": "a%"},
    ),
    "expect_column_values_to_match_like_pattern_list": (
        {"column": "code", "like_pattern_list": ["a%", "b%"]},
        {"column": "code", "like_pattern_list": ["a%", "c%"]},
    ),
    "expect_column_values_to_not_match_like_pattern_list": (
        {"column": "code", "like_pattern_list": ["c%"]},
        {"column": "code", "like_pattern_list": ["c%", "b%"]},
    ),
    "expect_column_values_to_be_unique": ({"column": "id"}, {"column": "day"}),
    "expect_compound_columns_to_be_unique": (
        {"column_list": ["id", "day"]},
        {"column_list": ["day", "code"]},
    ),
    "unexpected_rows_expectation": (
        {
            "unexpected_rows_query": "select 1 from {batch} as a join {batch} as b on a.id = b.id where a.code = 'x:y'"
        },
        {"unexpected_rows_query": "select 1 from {batch} where code = 'a:1' and id::integer = 0"},
    ),
}


def test_each_kind_tells_good_from_bad(tmp_path: Path) -> None:
    rows = "(0, 'a:1', date '2016-04-01'), (1, 'b', date '2016-04-01'), (2, null, date '2016-04-01')"
    database = execute(
        tmp_path / "w.duckdb",
        "create table t (id integer, code varchar, day date)",
        f"insert into t values {rows}",
        "create table twice as select * from t union all select 3, 'b', date '2016-04-01'",
    )
    good = [expectation(kind, f"good {kind}", **kwargs) for kind, (kwargs, _) in KINDS.items()]
    bad = [expectation(kind, f"bad {kind}", **kwargs) for kind, (_, kwargs) in KINDS.items()]
    suites = write_suite(tmp_path, "t", "main.t", has_rows(), *good)
    broken = [one for one in bad if one["type"] != "expect_compound_columns_to_be_unique"]
    write_suite(tmp_path, "t_bad", "main.t", has_rows(), *broken)
    doubled = [one for one in bad if one["type"] == "expect_compound_columns_to_be_unique"]
    write_suite(tmp_path, "twice", "main.twice", has_rows(), *doubled)
    verdicts = judge(database, "staging", suites=suites)
    assert [v.message for v in verdicts if v.name.startswith("good") and not v.success] == []
    assert [v.name for v in verdicts if v.name.startswith("bad") and v.success] == []
    assert [v.message for v in verdicts if "could not be judged" in v.message] == []


@pytest.mark.parametrize("gate", GATES)
def test_the_suites_use_no_other_kind(gate: Any) -> None:
    used = {one.type for suite in load_suites(EXPECTATIONS_DIR, gate) for one in suite.expectations}
    assert used <= set(KINDS)
