"""Modes and groups of a home: its owner alone, or one group that reads what is released and nothing else."""

from __future__ import annotations

import grp
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dagster_srp.access import NoSuchGroup
from dagster_srp.cli import app
from dagster_srp.home import Home
from tests.test_demo_extracts_never_meet_partners_files import make

GROUP = grp.getgrgid(os.getgid()).gr_name
SHARED = {
    ".",
    "home.json",
    "releases",
    "releases/r0001",
    "releases/r0001/srp.duckdb",
    "releases/r0001/manifest.json",
}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A real home with one release, whose files were made as an older version made them: open to every account."""
    home = Home(tmp_path / "home")
    home.make(demo=False)
    release = home.releases / "r0001"
    release.mkdir()
    for name in ("srp.duckdb", "manifest.json"):
        (release / name).write_text("{}", encoding="utf-8")
        (release / name).chmod(0o444)
    (home.archive / "objects").mkdir()
    for folder in (home.root, home.releases, release):
        folder.chmod(0o755)
    return home


def readable(home: Home, bits: int) -> set[str]:
    paths = [home.root, *home.root.rglob("*")]
    return {
        str(path.relative_to(home.root))
        for path in paths
        if not path.is_symlink() and path.stat().st_mode & bits
    } - {"archive/objects"}


def test_nobody_else_can_read_anything_of_a_new_home(tmp_path: Path) -> None:
    Home(tmp_path / "home").make(demo=False)
    assert readable(Home(tmp_path / "home"), 0o077) == set()


def test_what_was_left_open_is_closed_again(home: Home) -> None:
    home.make(demo=False)
    assert readable(home, 0o077) == set()


def test_a_group_reads_what_is_released_and_nothing_else(home: Home) -> None:
    home.share(GROUP)
    assert (readable(home, 0o040), readable(home, 0o027)) == (SHARED, set())


def test_what_is_shared_belongs_to_the_group(home: Home) -> None:
    home.share(GROUP)
    assert {(home.root / name).stat().st_gid for name in SHARED} == {grp.getgrnam(GROUP).gr_gid}


def test_a_release_stays_shared_at_the_next_refresh(home: Home) -> None:
    home.share(GROUP)
    home.make(demo=False)
    assert readable(home, 0o040) == SHARED


def test_sharing_is_taken_back(home: Home) -> None:
    home.share(GROUP)
    home.share(None)
    assert readable(home, 0o077) == set()


def test_a_group_that_does_not_exist_changes_nothing(home: Home) -> None:
    home.make(demo=False)
    with pytest.raises(NoSuchGroup, match="no group 'nobody_of_here'"):
        home.share("nobody_of_here")
    assert (readable(home, 0o077), home.access.group) == (set(), None)


def test_a_home_keeps_its_kind_when_it_is_shared(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.make(demo=True)
    home.share(GROUP)
    assert home.is_demo


def test_dagsters_folder_is_its_owners_alone(home: Home) -> None:
    (home.root / "dagster").mkdir(mode=0o755)
    assert make("dagster-home", SRP_HOME=str(home.root)).returncode == 0
    assert readable(home, 0o077) & {"dagster", "dagster/dagster.yaml"} == set()


@pytest.mark.parametrize(("words", "said"), [([GROUP], f"group {GROUP}"), (["--nobody"], "owner")])
def test_the_terminal_says_who_may_read(home: Home, words: list[str], said: str) -> None:
    environment = {"SRP_HOME": str(home.root)}
    CliRunner().invoke(app, ["share", *words], env=environment, catch_exceptions=False)
    shown = CliRunner().invoke(app, ["status"], env=environment, catch_exceptions=False).output
    assert (said in shown, "EVERY ACCOUNT" in shown) == (True, False)


def test_the_terminal_says_where_every_account_may_read(home: Home) -> None:
    shown = CliRunner().invoke(app, ["status"], env={"SRP_HOME": str(home.root)}, catch_exceptions=False)
    assert "EVERY ACCOUNT" in shown.output
