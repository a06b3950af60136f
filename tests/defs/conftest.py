from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from dagster_srp.definitions import build_defs
from dagster_srp.defs.dbt import prepared_manifest
from dagster_srp.settings import Settings

from .small_home import SmallHome


@pytest.fixture(scope="session")
def manifest() -> Mapping[str, Any]:
    return prepared_manifest()


@pytest.fixture(scope="session")
def definitions(tmp_path_factory: pytest.TempPathFactory, manifest: Mapping[str, Any]) -> dg.Definitions:
    nowhere = tmp_path_factory.mktemp("nowhere")
    return build_defs(Settings(home=nowhere, inbox=None, as_at=None), manifest)


@pytest.fixture(scope="module")
def small_home(tmp_path_factory: pytest.TempPathFactory, manifest: Mapping[str, Any]) -> SmallHome:
    root: Path = tmp_path_factory.mktemp("home")
    return SmallHome(root, manifest)
