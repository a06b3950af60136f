"""The home, the code and the settings named in docs decide what a refresh gives, and nothing else of the machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dagster_srp.building.code import PROJECT_ROOT
from dagster_srp.home import Home
from dagster_srp.release import read_manifest

NOBODY = 4242
"""An account that the machine does not know: no name, no folder, and no right to write into the checkout."""
AS_NOBODY = [
    *("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"),
    *("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"),
]
ODD = {
    "DBT_TARGET": "spark",
    "DBT_EMPTY": "true",
    "DBT_FULL_REFRESH": "maybe",
    "LC_ALL": "C",
    "TZ": "Asia/Kathmandu",
}
PARSE = """
import sys
from pathlib import Path
from dagster_srp.building import Dbt, dbt_environment
from dagster_srp.duck import Engine
from dagster_srp.home import Workplace

place = Workplace(Path(sys.argv[1]) / "landing.duckdb", Path(sys.argv[1]))
Dbt(dbt_environment(place, Engine(2, "1GB"))).read_project()
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder outside pytest's own, which each session closes to other accounts."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def _stranger() -> list[str]:
    if os.getuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("only root can run a refresh as another account, by setpriv of Debian's util-linux")
    return AS_NOBODY


def test_an_unknown_account_in_a_bare_environment_under_an_odd_path_gives_the_same_tables(
    place: Path, small_home: Home, small_extracts: Path
) -> None:
    stranger = _stranger()
    odd = Home(place / "O'Brien & Łódź" / "home")
    odd.make(demo=True)
    shutil.copytree(small_extracts, odd.inbox, dirs_exist_ok=True)
    for path in (place, *place.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    settings = {"SRP_HOME": str(odd.root), "SRP_SETTLE_SECONDS": "0", "PYTHONPATH": str(PROJECT_ROOT)}
    done = subprocess.run(
        [*stranger, sys.executable, "-B", "-m", "dagster_srp.cli", "refresh"],
        env={**ODD, **settings},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    ours, theirs = (read_manifest(home.releases / "r0001" / "manifest.json") for home in (small_home, odd))
    assert (theirs.build_fingerprint, theirs.tables) == (ours.build_fingerprint, ours.tables)


def test_a_checkout_that_moved_and_changed_is_read_anew(tmp_path: Path) -> None:
    first, second, home = tmp_path / "first", tmp_path / "second", tmp_path / "home"
    home.mkdir()
    for folder in ("dagster_srp", "dbt_project", "seeds"):
        shutil.copytree(PROJECT_ROOT / folder, first / folder, ignore=shutil.ignore_patterns("__pycache__"))
    _parse(first, home)
    first.rename(second)
    model = second / "dbt_project" / "models" / "core" / "fct_fire.sql"
    model.write_text(model.read_text() + "\n-- changed\n")
    _parse(second, home)


def _parse(checkout: Path, home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PARSE, str(home)],
        env={"PYTHONPATH": str(checkout), "PATH": os.environ["PATH"]},
        cwd=checkout,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
