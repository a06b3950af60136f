"""`record_conservation` counts every feed of the contracts and every fact of the models."""

from __future__ import annotations

import re

import pytest

from dagster_srp.contracts import load_contracts
from dagster_srp.defs.dbt import prepared_manifest
from dagster_srp.gates import load_suites
from dagster_srp.gates.from_contracts import EXPECTATIONS_DIR

FEED_OF_TABLE = re.compile(r"select '(\w+)'(?: as table_name)?, '(\w+)'")


@pytest.fixture(scope="module")
def counted() -> list[tuple[str, str]]:
    """Each table with the feed whose records it is counted against."""
    suites = {suite.name: suite for suite in load_suites(EXPECTATIONS_DIR, "candidate")}
    return FEED_OF_TABLE.findall(suites["record_conservation"].query or "")


def test_every_feed_is_counted_once(counted: list[tuple[str, str]]) -> None:
    assert sorted(feed for _, feed in counted) == sorted(load_contracts())


def test_every_fact_is_counted(counted: list[tuple[str, str]]) -> None:
    nodes = prepared_manifest()["nodes"].values()
    facts = {node["name"] for node in nodes if node["name"].startswith("fct_")}
    assert facts == {table for table, _ in counted if table.startswith("fct_")}


def test_a_fact_is_counted_against_a_feed_that_it_is_made_from(counted: list[tuple[str, str]]) -> None:
    parents = prepared_manifest()["parent_map"]
    for table, feed in counted:
        reached, waiting = set(), [f"model.srp.{table}"]
        while waiting:
            reached |= set(new := [p for p in parents.get(waiting.pop(), ()) if p not in reached])
            waiting += new
        assert f"model.srp.stg_{feed}" in reached, table
