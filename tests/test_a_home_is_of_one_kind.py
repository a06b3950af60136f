"""The home: its mark, its key, its lock."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dagster_srp.home import AnotherRefresh, Home, WrongHome

HOLD = "import sys; from dagster_srp.home import Home; from pathlib import Path\nwith Home(Path(sys.argv[1])).lock(): print('held', flush=True); sys.stdin.read()"


def test_demo_extracts_never_enter_a_real_home(tmp_path: Path) -> None:
    Home(tmp_path).make(demo=False)
    with pytest.raises(WrongHome):
        Home(tmp_path).make(demo=True)


def test_a_demo_home_stays_demo(tmp_path: Path) -> None:
    Home(tmp_path).make(demo=True)
    Home(tmp_path).make(demo=False)
    assert Home(tmp_path).is_demo


def test_demo_homes_share_a_key_so_that_their_figures_are_equal(tmp_path: Path) -> None:
    for name in ("a", "b"):
        Home(tmp_path / name).make(demo=True)
    assert Home(tmp_path / "a").pseudonym_key == Home(tmp_path / "b").pseudonym_key


def test_real_homes_have_keys_of_their_own(tmp_path: Path) -> None:
    for name in ("a", "b"):
        Home(tmp_path / name).make(demo=False)
    assert Home(tmp_path / "a").pseudonym_key != Home(tmp_path / "b").pseudonym_key


@pytest.mark.parametrize("name", ["warehouse", "archive", "inbox", "secret"])
def test_restricted_rooms_are_their_owners_alone(tmp_path: Path, name: str) -> None:
    Home(tmp_path).make(demo=False)
    assert (tmp_path / name).stat().st_mode & 0o077 == 0


def test_a_second_holder_is_refused_at_once(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None and other.stdin is not None
        other.stdout.readline()
        with pytest.raises(AnotherRefresh), Home(tmp_path).lock():
            pass
        other.stdin.close()


def test_a_killed_holder_frees_the_home(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        other.kill()
        other.wait()
        with Home(tmp_path).lock():
            pass
