"""What `srp refresh` makes is in the home's Dagster as if a run of the job had made it."""

from collections.abc import Mapping
from typing import Any

import pytest

from dagster_srp.defs.history import tell_current_release
from dagster_srp.refresh import Refresh

from .small_home import AREAS, SmallHome


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, manifest: Mapping[str, Any]) -> SmallHome:
    home = SmallHome(tmp_path_factory.mktemp("terminal"), manifest)
    home.deliver("ons_lad_csp_pfa", "areas_2024-04-01.csv", AREAS)
    Refresh(home.settings).run()
    assert tell_current_release(home.instance, home.settings) == "r0001"
    return home


def test_every_asset_is_materialised(told: SmallHome) -> None:
    graph = told.definitions.resolve_asset_graph()
    never = [
        key
        for key in graph.materializable_asset_keys
        if told.instance.get_latest_materialization_event(key) is None
    ]
    assert never == []


def test_an_asset_shows_the_same_facts_as_after_a_run(told: SmallHome) -> None:
    assert told.said_of("release")["release"] == "r0001"
    assert told.said_of("raw/ons_lad_csp_pfa")["accepted"] == 2


def test_every_check_has_a_result(told: SmallHome) -> None:
    graph = told.definitions.resolve_asset_graph()
    storage = told.instance.event_log_storage
    latest = storage.get_latest_asset_check_execution_by_key(list(graph.asset_check_keys))
    silent = graph.asset_check_keys - latest.keys()
    assert all(key.name == "no_delivery_held" for key in silent)


def test_a_release_is_told_once(told: SmallHome) -> None:
    assert tell_current_release(told.instance, told.settings) is None
