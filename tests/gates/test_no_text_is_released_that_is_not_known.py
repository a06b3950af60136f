"""Text columns of a candidate: every coded one holds its codes, and none a personal value that has landed."""

from __future__ import annotations

from pathlib import Path

import pytest

from dagster_srp.contracts import load_contracts
from dagster_srp.defs.dbt import prepared_manifest
from dagster_srp.gates import Verdict, judge_texts
from dagster_srp.gates.from_contracts import EXPECTATIONS_DIR
from dagster_srp.gates.texts import read_rules

from .warehouses import execute

CONTRACTS = load_contracts()
RULES = read_rules(EXPECTATIONS_DIR)


def text_columns() -> list[tuple[str, str]]:
    """Every text column of the models that are released, by the name of its table."""
    nodes = prepared_manifest()["nodes"].values()
    return [
        (node["alias"], column["name"])
        for node in nodes
        if node["resource_type"] == "model" and node["schema"] == "marts"
        for column in node["columns"].values()
        if column["data_type"] in ("string", "varchar")
    ]


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """A candidate with one incident, one MARAC case and one meeting, and the persons whom raw knows."""
    return {
        "candidate": execute(
            tmp_path / "srp.duckdb",
            "create schema marts",
            "create table marts.fct_incident as select 'noise' as asb_qualifier, '00756e8aa7384653' as caller_key",
            "create table marts.fct_marac_case as select 'police' as referring_agency",
            "create table marts.fct_board_attendance as select 'Borough Council' as organisation",
        ),
        "landing": execute(
            tmp_path / "landing.duckdb",
            "create schema raw",
            "create table raw.syp_incidents as select 'Ann' as caller_forename, 'Quillfeather' as caller_surname, "
            "'1 Nowhere Lane' as caller_address, 'S60 1AA' as caller_postcode",
            "create table raw.marac_cases as select 'V-123' as victim_ref, 'Zeb' as victim_forename, "
            "'Lee' as victim_surname, 'P-001; P-002' as perpetrator_refs",
            "create table raw.srp_delivery_plan as select 'borough council' as lead, 'all is well' as commentary",
            "create table raw.syp_crimes as select 'C-9' as complainant_ref, null::varchar as complainant_forename, "
            "null::varchar as complainant_surname, date '1980-01-31' as complainant_birth_date, null::varchar as complainant_address, "
            "null::varchar as complainant_postcode, null::varchar as suspect_refs",
        ),
        "build": execute(tmp_path / "build.duckdb", "create schema seeds"),
    }


def judged(files: dict[str, Path], *damage: str) -> dict[str, Verdict]:
    execute(files["candidate"], *damage)
    attached = {name: files[name] for name in ("build", "landing")}
    verdicts = judge_texts(files["candidate"], attached, suites=EXPECTATIONS_DIR, contracts=CONTRACTS)
    return {verdict.name: verdict for verdict in verdicts}


def broken(files: dict[str, Path], *damage: str) -> set[str]:
    return {name for name, verdict in judged(files, *damage).items() if not verdict.success}


def test_known_codes_and_an_organisation_that_leads_a_commitment_pass(files: dict[str, Path]) -> None:
    assert broken(files) == set()


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("fct_incident", "asb_qualifier", "QUILLFEATHER"),
        ("fct_incident", "caller_key", "1 nowhere lane"),
        ("fct_marac_case", "referring_agency", "police|V-123"),
        ("fct_marac_case", "referring_agency", "P-002"),
        ("fct_incident", "asb_qualifier", "31/01/1980"),
        ("fct_incident", "asb_qualifier", "1980-01-31"),
    ],
)
def test_a_personal_value_among_codes_is_refused_twice_and_never_told(
    files: dict[str, Path], table: str, column: str, value: str
) -> None:
    verdicts = judged(files, f"update marts.{table} set {column} = '{value}'")
    for verdict in verdicts.values():
        assert not verdict.success
        assert f"{table}.{column}" in verdict.message
        assert value.lower() not in verdict.message.lower()


def test_a_code_that_nobody_knows_is_refused_as_a_code_alone(files: dict[str, Path]) -> None:
    assert broken(files, "update marts.fct_incident set asb_qualifier = 'loud'") == {"coded_texts_are_known"}


def test_a_personal_value_in_a_column_without_codes_is_refused(files: dict[str, Path]) -> None:
    damage = "update marts.fct_board_attendance set organisation = 'Quillfeather'"
    assert broken(files, damage) == {"no_personal_value_is_released"}


def test_a_column_that_no_rule_covers_is_compared_too(files: dict[str, Path]) -> None:
    damage = "create table marts.fct_new as select 'quillfeather' as remark"
    assert broken(files, damage) == {"no_personal_value_is_released"}


def test_a_name_shorter_than_four_letters_is_no_hit(files: dict[str, Path]) -> None:
    assert broken(files, "update marts.fct_board_attendance set organisation = 'Lee'") == set()


def test_every_released_text_column_has_its_values_or_a_reason_for_none() -> None:
    uncovered = []
    for table, column in text_columns():
        try:
            RULES.condition(table, column, CONTRACTS)
        except KeyError:
            uncovered.append(f"{table}.{column}")
    assert uncovered == []


def test_every_rule_covers_a_column() -> None:
    every = text_columns()
    unused = [
        name
        for name in RULES.columns
        if not any(RULES.covers(name, table, column) for table, column in every)
    ]
    assert unused == []


def test_every_free_column_says_why() -> None:
    assert [
        name for name, entry in RULES.columns.items() if "free" in entry and len(entry["free"]) < 10
    ] == []


def test_the_agency_that_refers_to_the_marac_is_coded_by_its_contract() -> None:
    condition = RULES.condition("fct_marac_case", "referring_agency", CONTRACTS) or ""
    assert "'idva'" in condition
