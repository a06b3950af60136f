"""The models' layers: each reads its own and those before it, and only the last two are released."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from dagster_srp.defs.dbt import prepared_manifest

ROOT = Path(__file__).parents[2]
LAYERS = ("staging", "intermediate", "core", "indicators_build", "marts")
MAY_READ = {
    "staging": {"staging"},
    "intermediate": {"staging", "intermediate"},
    "core": {"intermediate", "core"},
    "indicators_build": {"intermediate", "core", "indicators_build"},
    "marts": {"intermediate", "core", "indicators_build", "marts"},
}
ROOMS_OF_INDICATORS = ("counts", "themes", "periods", "maturity", "sums")


@pytest.fixture(scope="module")
def models() -> dict[str, dict[str, Any]]:
    """Every model as dbt has parsed it, by its unique id."""
    nodes = prepared_manifest()["nodes"]
    return {name: node for name, node in nodes.items() if node["resource_type"] == "model"}


def edges(models: dict[str, dict[str, Any]], place: int, layer: str) -> set[tuple[str, str, str, str]]:
    """(reader, read, their rooms) of the models of a layer, where the rooms differ; a room is a part of the path."""
    found = set()
    for node in models.values():
        for other in (models[name] for name in node["depends_on"]["nodes"] if name in models):
            rooms = [one["fqn"][place] for one in (node, other) if len(one["fqn"]) > place]
            if node["fqn"][1] == layer and len(rooms) == 2 and rooms[0] != rooms[1]:
                found.add((node["name"], other["name"], rooms[0], rooms[1]))
    return found


def test_every_model_is_in_a_layer(models: dict[str, dict[str, Any]]) -> None:
    assert {node["fqn"][1] for node in models.values()} == set(LAYERS)


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_reads_nothing_that_comes_after_it(models: dict[str, dict[str, Any]], layer: str) -> None:
    assert {edge for edge in edges(models, 1, layer) if edge[3] not in MAY_READ[layer]} == set()


def test_no_two_rooms_of_indicators_read_each_other(models: dict[str, dict[str, Any]]) -> None:
    read = {(mine, theirs) for _, _, mine, theirs in edges(models, 2, "indicators_build")}
    inside = {pair for pair in read if set(pair) <= set(ROOMS_OF_INDICATORS)}
    assert {pair for pair in inside if pair[::-1] in inside} == set()


def test_fewer_than_forty_five_tables_are_released(models: dict[str, dict[str, Any]]) -> None:
    assert sum(node["schema"] == "marts" for node in models.values()) < 45


def test_only_core_and_marts_are_written_into_the_released_file() -> None:
    project = yaml.safe_load((ROOT / "dbt_project" / "dbt_project.yml").read_text(encoding="utf-8"))
    configured = project["models"]["srp"]
    assert {layer for layer in LAYERS if configured[layer].get("+schema") == "marts"} == {"core", "marts"}
