"""The released tables without rows: as the models' contracts declare them, and the two that a release writes itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import yaml

from dagster_srp.release.vintages import VINTAGES_TABLE

from .pages import ROOT

RELEASED = tuple(ROOT / "dbt_project" / "models" / folder for folder in ("core", "marts"))
# What the models' contracts call a text; DuckDB reads every other type as it is written.
TYPES = {"string": "varchar"}
RELEASE_TABLE = "create or replace table marts.release (section varchar, name varchar, value varchar)"


def make_released_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes every released table, empty, in schema `marts`."""
    connection.execute("create schema marts")
    for name, columns in declared_tables():
        listed = ", ".join(f"{column} {kind}" for column, kind in columns)
        connection.execute(f"create table marts.{name} ({listed})")
    connection.execute(RELEASE_TABLE)
    connection.execute(VINTAGES_TABLE)


def declared_tables() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Each mart's released name with its columns and their types, as its contract declares them."""
    for path in sorted(path for folder in RELEASED for path in folder.rglob("*.yml")):
        for model in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("models", []):
            columns = [
                (column["name"], TYPES.get(column["data_type"], column["data_type"]))
                for column in model["columns"]
            ]
            yield _released_name(path, model["name"]), columns


def _released_name(path: Path, model: str) -> str:
    """A model whose name a seed has already taken is released under its alias."""
    text = (path.parent / f"{model}.sql").read_text(encoding="utf-8")
    return text.split("alias='", 1)[1].split("'", 1)[0] if "alias='" in text else model
