"""What is declared once and written twice is compared both ways."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from dagster_srp.contracts import Contract
from dagster_srp.report.pages import pages

ROOT = Path(__file__).parents[2]
PAGES = pages()


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_generated_file_is_what_its_source_says(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8") == PAGES[name], "run `make docs`"


def test_every_source_of_dbt_is_a_contract_and_every_contract_a_source(
    contracts: dict[str, Contract],
) -> None:
    sources = [
        table["name"]
        for path in (ROOT / "dbt_project" / "models" / "staging").rglob("*__sources.yml")
        for source in yaml.safe_load(path.read_text(encoding="utf-8"))["sources"]
        if source["name"] == "landing"
        for table in source["tables"]
    ]
    assert sorted(sources) == sorted(contracts)


def test_no_page_of_a_contract_is_left_behind(contracts: dict[str, Contract]) -> None:
    assert {path.stem for path in (ROOT / "docs" / "contracts").glob("*.md")} == {*contracts, "README"}
