from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from dagster_srp.contracts import Column, Contract, load_contracts
from dagster_srp.gates.from_contracts import (
    EXPECTATIONS_DIR,
    PERSONAL_WORDS,
    TECHNICAL_COLUMNS,
    list_pattern,
    released_columns_suite,
    write_landing_suites,
    write_released_columns_suite,
    write_staging_suites,
)

CONTRACTS = load_contracts()


def _suite(feed: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(
        (EXPECTATIONS_DIR / "landing" / f"{feed}.json").read_text(encoding="utf-8")
    )
    return loaded


def _kwargs(suite: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [one["kwargs"] for one in suite["expectations"] if one["type"] == kind]


def _query(suite: dict[str, Any], name: str) -> str:
    found = [e["kwargs"]["unexpected_rows_query"] for e in suite["expectations"] if e["meta"]["name"] == name]
    return str(found[0]) if found else ""


def _is_text(column: Column) -> bool:
    return column.storage_type == "VARCHAR"


@pytest.mark.parametrize("gate", ["landing", "staging"])
def test_the_written_suites_are_those_of_the_contracts(tmp_path: Path, gate: str) -> None:
    write_landing_suites(tmp_path)
    write_staging_suites(tmp_path)
    kept = {path.name: path.read_text(encoding="utf-8") for path in (EXPECTATIONS_DIR / gate).glob("*.json")}
    written = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / gate).glob("*.json")}
    assert kept == written, "run `python -m dagster_srp.gates.from_contracts`"


def test_the_suite_on_released_columns_is_that_of_the_contracts(tmp_path: Path) -> None:
    write_released_columns_suite(tmp_path)
    name = Path("candidate/released_columns.json")
    assert (EXPECTATIONS_DIR / name).read_text(encoding="utf-8") == (tmp_path / name).read_text(
        encoding="utf-8"
    )


def test_a_suite_of_a_feed_that_is_no_more_is_removed(tmp_path: Path) -> None:
    (tmp_path / "landing").mkdir()
    (tmp_path / "landing" / "gone.json").write_text("{}", encoding="utf-8")
    write_landing_suites(tmp_path)
    assert not (tmp_path / "landing" / "gone.json").exists()


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=lambda contract: contract.feed)
def test_what_a_landing_suite_says_is_what_the_contract_says(contract: Contract) -> None:
    suite = _suite(contract.feed)
    columns = {column.name: column for column in contract.columns}

    (ordered,) = _kwargs(suite, "expect_table_columns_to_match_ordered_list")
    assert ordered["column_list"] == [*columns, *TECHNICAL_COLUMNS]

    types = dict(re.findall(r"\('(\w+)', '([A-Z]+)'\)", _query(suite, "column_types")))
    assert types == {name: column.storage_type for name, column in columns.items()} | dict(TECHNICAL_COLUMNS)

    given = {kwargs["column"] for kwargs in _kwargs(suite, "expect_column_values_to_not_be_null")}
    assert given == {name for name, column in columns.items() if column.required}

    ranges = {
        k["column"]: (k.get("min_value"), k.get("max_value"))
        for k in _kwargs(suite, "expect_column_values_to_be_between")
    }
    assert ranges == {
        n: (c.minimum, c.maximum) for n, c in columns.items() if (c.minimum, c.maximum) != (None, None)
    }

    sets = {
        k["column"]: [str(v) for v in k["value_set"]]
        for k in _kwargs(suite, "expect_column_values_to_be_in_set")
    }
    assert sets == {
        n: list(c.allowed_values) for n, c in columns.items() if c.allowed_values and not c.separator
    }

    forms = {(k["column"], k["regex"]) for k in _kwargs(suite, "expect_column_values_to_match_regex")}
    patterns = {(n, c.pattern) for n, c in columns.items() if c.pattern and _is_text(c)}
    lists = {
        (n, list_pattern(c.allowed_values, c.separator))
        for n, c in columns.items()
        if c.separator and c.allowed_values
    }
    assert forms == patterns | lists

    keys = re.findall(
        r"select (.+) from \{batch\} group by (.+), _delivery_no", _query(suite, "key_is_unique")
    )
    assert keys == ([(", ".join(contract.key), ", ".join(contract.key))] if contract.key else [])

    rules = [
        e["kwargs"]["unexpected_rows_query"]
        for e in suite["expectations"]
        if e["meta"]["name"].startswith("row_rule_")
    ]
    assert rules == [f"select 1 from {{batch}} where not ({rule.expression})" for rule in contract.row_rules]


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("cse", True),
        ("cse;knife", True),
        ("cse; knife", True),
        ("cse;", False),
        ("cse;other", False),
        ("", False),
    ],
)
def test_a_list_holds_only_known_values(text: str, holds: bool) -> None:
    assert bool(re.search(list_pattern(["cse", "knife"], ";"), text)) is holds


def test_every_personal_column_of_a_contract_is_watched_for() -> None:
    suite = released_columns_suite(CONTRACTS.values())
    (watched,) = _kwargs(suite, "expect_column_values_to_not_be_in_set")
    personal = {
        c.name for contract in CONTRACTS.values() for c in contract.columns if c.sensitivity == "personal"
    }
    assert set(watched["value_set"]) == personal


@pytest.mark.parametrize("word", PERSONAL_WORDS)
def test_words_that_speak_of_persons_are_watched_for(word: str) -> None:
    (rule,) = _kwargs(released_columns_suite(CONTRACTS.values()), "expect_column_values_to_not_match_regex")
    for name in (word, f"victim_{word}", f"{word}_text", f"{word}s", word.upper()):
        assert re.search(rule["regex"], name), name
    for name in ("area_name", "residents_count", "numbers", "lsoa_code", "complainant_key", "unaddressed"):
        assert not re.search(rule["regex"], name), name
