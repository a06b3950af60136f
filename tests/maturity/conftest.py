from __future__ import annotations

from collections.abc import Iterator

import pytest

from dagster_srp.report.maturity.models import LadderModels, compile_models

from .police import Police


@pytest.fixture(scope="session")
def compiled() -> dict[str, str]:
    """The ladder's models as dbt compiles them, once for all tests."""
    return compile_models()


@pytest.fixture
def police(compiled: dict[str, str]) -> Iterator[Police]:
    with LadderModels(compiled) as models:
        yield Police(models)
