from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import pytest
import yaml

from dagster_srp.contracts import Contract, ContractError, load_contract, load_contracts
from dagster_srp.contracts.generate import LANDING_COLUMNS
from dagster_srp.contracts.load import CONTRACTS_DIR
from dagster_srp.landing.ledger import open_ledger

FILES = sorted(CONTRACTS_DIR.glob("*.odcs.yaml"))
PERSONAL = re.compile(
    r"forename|surname|birth|address|postcode|telephone|phone|email|(complainant|caller|victim|person|child|suspect|perpetrator)_refs?$"
)


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return json.loads(files("open_data_contract_standard").joinpath("schema.json").read_text())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name.removesuffix(".odcs.yaml"))
def test_the_file_is_valid_by_the_standards_own_schema(path: Path, schema: dict[str, Any]) -> None:
    jsonschema.validate(yaml.safe_load(path.read_text()), schema)


def test_every_column_that_could_name_a_person_is_personal(contracts: dict[str, Contract]) -> None:
    open_ones = {
        f"{contract.feed}.{column.name}"
        for contract in contracts.values()
        for column in contract.columns
        if PERSONAL.search(column.name) and column.sensitivity != "personal"
    }
    assert open_ones == set()


def test_raw_tables_and_contracts_say_the_same(contracts: dict[str, Contract]) -> None:
    with duckdb.connect() as connection:
        open_ledger(connection, contracts)
        rows = connection.execute(
            "select table_name, column_name, data_type from duckdb_columns() where schema_name = 'raw'"
            " order by table_name, column_index"
        ).fetchall()
    made: dict[str, list[tuple[str, str]]] = {}
    for table, name, kind in rows:
        made.setdefault(table, []).append((name, kind))
    landing = [(name, kind.upper()) for name, kind in LANDING_COLUMNS]
    said = {
        c.feed: [(column.name, column.storage_type) for column in c.columns] + landing
        for c in contracts.values()
    }
    assert made == said


def test_a_key_is_required_unless_a_published_table_leaves_it_blank(contracts: dict[str, Contract]) -> None:
    optional = {
        contract.feed
        for contract in contracts.values()
        if any(not contract.column(name).required for name in contract.key)
    }
    assert optional <= {"ons_recorded_crime_csp", "ons_recorded_crime_force"}


def test_every_rule_of_every_contract_is_sql_that_runs(contracts: dict[str, Contract]) -> None:
    from dagster_srp.landing.rules import judged

    with duckdb.connect() as connection:
        for contract in contracts.values():
            names = [column.name for column in contract.columns]
            texts = "select " + ", ".join(f"null::varchar as text_{name}" for name in names)
            (row,) = connection.execute(judged(contract, texts, names, has_nul=True)).fetchall()
            assert (row[-2] is not None) == any(column.required for column in contract.columns)


def _changed(tmp_path: Path, drop: str) -> Path:
    """The crimes contract without one of its pieces."""
    document = yaml.safe_load((CONTRACTS_DIR / "syp_crimes.odcs.yaml").read_text())
    where: Any = document
    *path, last = drop.split("/")
    for part in path:
        where = where[int(part)] if isinstance(where, list) else where[part]
    if last.startswith("property="):
        where[:] = [item for item in where if item["property"] != last.removeprefix("property=")]
    else:
        del where[last]
    target = tmp_path / "syp_crimes.odcs.yaml"
    target.write_text(yaml.safe_dump(document))
    return target


@pytest.mark.parametrize(
    "drop",
    [
        "name",
        "schema",
        "slaProperties",
        "schema/0/properties/0/classification",
        "schema/0/properties/0/businessName",
        "schema/0/properties/0/physicalType",
        "schema/0/properties/1/logicalTypeOptions",
        "customProperties/property=restatesBy",
        "customProperties/property=extractedAt",
        "customProperties/property=quarantineThreshold",
        "customProperties/property=fileFormats",
    ],
)
def test_a_contract_with_a_missing_piece_is_refused_and_the_file_named(tmp_path: Path, drop: str) -> None:
    with pytest.raises(ContractError, match=r"syp_crimes\.odcs\.yaml"):
        load_contract(_changed(tmp_path, drop))


def test_a_contract_under_another_feeds_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.odcs.yaml"
    path.write_text((CONTRACTS_DIR / "syp_crimes.odcs.yaml").read_text())
    with pytest.raises(ContractError, match=r"other\.odcs\.yaml"):
        load_contract(path)


def test_a_reference_to_a_list_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"syp_crimes\.odcs\.yaml"):
        load_contract(CONTRACTS_DIR / "syp_crimes.odcs.yaml", seeds=tmp_path)


def test_a_file_that_is_no_yaml_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x_y.odcs.yaml"
    path.write_text("a: [")
    with pytest.raises(ContractError, match=r"x_y\.odcs\.yaml"):
        load_contracts(tmp_path)


def test_a_code_list_that_changes_changes_the_contracts_hash(
    tmp_path: Path, contracts: dict[str, Contract]
) -> None:
    for seed in ("offence_groups", "hate_strands"):
        (tmp_path / f"{seed}.csv").write_text("offence_code,strand\n1/01,race\n")
    changed = load_contract(CONTRACTS_DIR / "syp_crimes.odcs.yaml", seeds=tmp_path)
    assert changed.content_hash != contracts["syp_crimes"].content_hash
