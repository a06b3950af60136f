"""A build that knows places and definitions and no record yet: every random history starts from a copy of it."""

from __future__ import annotations

import pytest

from dagster_srp.demo import write_demo
from dagster_srp.home import Home
from tests.histories.building import build_base

LOOKUPS = ("ons_imd", "ons_lad_csp_pfa", "ons_lsoa_2011_2021", "ons_lsoa_ward_lad", "ons_residents")


@pytest.fixture(scope="session")
def base_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("histories") / "base")
    home.make(demo=True)
    write_demo(home.inbox, only=LOOKUPS)
    build_base(home)
    return home
