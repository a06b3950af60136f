"""Homes that were refreshed for real: made once a session, and only read by the tests that share them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dagster_srp.demo import write_demo
from dagster_srp.home import Home
from dagster_srp.refresh import Refresh, Refreshed
from dagster_srp.settings import Settings
from tests.homes import shared_folder

SMALL = 0.02
SMALL_FEEDS = (
    "marac_cases",
    "ons_imd",
    "ons_lad_csp_pfa",
    "ons_lsoa_2011_2021",
    "ons_lsoa_ward_lad",
    "ons_residents",
    "police_uk_outcomes",
    "police_uk_street",
    "syp_crime_outcomes",
    "syp_crimes",
    "syp_incidents",
)


def settings_of(root: Path, **values: object) -> Settings:
    return Settings(home=root, settle_seconds=0.0, **values)  # type: ignore[arg-type]


def refresh(root: Path, **values: object) -> Refreshed:
    return Refresh(settings_of(root, **values)).run()


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A demo home at scale 1, refreshed once: the records behind every published figure."""

    def make(folder: Path) -> None:
        home = Home(folder)
        home.make(demo=True)
        write_demo(home.inbox)
        refresh(home.root)

    return Home(shared_folder(tmp_path_factory, "demo_home", make))


@pytest.fixture(scope="session")
def small_extracts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few feeds' extracts at a small scale, to be dropped into an inbox in any order."""

    def make(folder: Path) -> None:
        write_demo(folder, scale=SMALL, only=SMALL_FEEDS)

    return shared_folder(tmp_path_factory, "small_extracts", make)


@pytest.fixture(scope="session")
def small_home(tmp_path_factory: pytest.TempPathFactory, small_extracts: Path) -> Home:
    """A small demo home, refreshed once with all of its extracts."""

    def make(folder: Path) -> None:
        home = Home(folder)
        home.make(demo=True)
        shutil.copytree(small_extracts, home.inbox, dirs_exist_ok=True)
        refresh(home.root)

    return Home(shared_folder(tmp_path_factory, "small_home", make))


@pytest.fixture
def own_home(tmp_path: Path, small_home: Home) -> Iterator[Home]:
    """A copy of the small home that a test may change."""
    root = tmp_path / "home"
    shutil.copytree(small_home.root, root, symlinks=True)
    yield Home(root)
    shutil.rmtree(root)
