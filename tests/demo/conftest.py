from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from reading import read_all

from dagster_srp.demo import WrittenExtract, write_demo


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> list[WrittenExtract]:
    """The whole demo at scale 1, where it must add up to what was published."""
    return write_demo(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[WrittenExtract]]:
    """The whole demo, but small."""
    inbox = tmp_path_factory.mktemp("small")
    return inbox, write_demo(inbox, scale=0.02)


@pytest.fixture(scope="session")
def extracts(demo: list[WrittenExtract]) -> Iterator[duckdb.DuckDBPyConnection]:
    """Every row that the demo sends of the feeds whose figures were published, in tables all_<feed>."""
    with duckdb.connect() as connection:
        read_all(connection, demo)
        yield connection
