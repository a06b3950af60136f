"""What several packages' tests share."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from dagster_srp.contracts import Contract, load_contracts

settings.register_profile("histories", max_examples=1000)

LONGEST_FIRST = ("refresh", "histories", "defs", "maturity")
"""Folders of tests that build warehouses: begun first, so that the workers end together."""

REAL_DATA = Path(__file__).parents[2] / "shared" / "data"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    ranks = {folder: rank for rank, folder in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: ranks.get(item.path.parent.name, len(ranks)))


@pytest.fixture(scope="session")
def contracts() -> dict[str, Contract]:
    """Every real feed's contract, read once."""
    return load_contracts()


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real open data beside the checkout."""
    if not (REAL_DATA / "police_uk").is_dir():
        pytest.skip(f"the real open data is not at {REAL_DATA}: see its SOURCES.md for where it is published")
    return REAL_DATA
