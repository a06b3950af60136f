"""A folder with anything of a partner's in it never becomes a demo home: by `make refresh`, `make ui` or `srp demo`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dagster_srp.cli import app
from dagster_srp.home import DEMO_KEY, Home, WrongHome

ROOT = Path(__file__).parents[1]
VENV = Path(sys.executable).parent.parent
PARTNERS_FILE = "syp_crimes/syp_crimes_20260101.csv"


def make(target: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The real target, in the environment that runs the tests: what a recipe does after its own set-up."""
    words = ["make", "--assume-old", str(VENV / ".ready"), f"VENV={VENV}", target]
    return subprocess.run(
        words,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def put(folder: Path, name: str = PARTNERS_FILE) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("Crime Reference\n", encoding="utf-8")
    return path


def files(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


@pytest.mark.parametrize("target", ["refresh", "ui"])
@pytest.mark.parametrize("entry", [f"inbox/{PARTNERS_FILE}", "notes.txt", ".hidden"])
def test_a_make_target_leaves_a_folder_that_holds_anything(tmp_path: Path, target: str, entry: str) -> None:
    put(tmp_path, entry)
    done = make(target, SRP_HOME=str(tmp_path))
    assert (done.returncode != 0, "srp refresh" in done.stderr, files(tmp_path)) == (True, True, [entry])


@pytest.mark.parametrize("target", ["refresh", "ui"])
def test_a_make_target_leaves_an_inbox_of_partners_files_elsewhere(tmp_path: Path, target: str) -> None:
    put(tmp_path / "inbox")
    done = make(target, SRP_HOME=str(tmp_path / "home"), SRP_INBOX=str(tmp_path / "inbox"))
    assert (done.returncode != 0, files(tmp_path)) == (True, [f"inbox/{PARTNERS_FILE}"])


def test_make_refresh_keeps_partners_files_out_of_a_demo_home_that_exists(tmp_path: Path) -> None:
    Home(tmp_path / "home").make(demo=True)
    put(tmp_path / "inbox")
    done = make("refresh", SRP_HOME=str(tmp_path / "home"), SRP_INBOX=str(tmp_path / "inbox"))
    assert (done.returncode != 0, files(tmp_path / "inbox")) == (True, [PARTNERS_FILE])


def test_make_refresh_leaves_a_real_home_to_srp_refresh(tmp_path: Path) -> None:
    Home(tmp_path).make(demo=False)
    before = files(tmp_path)
    done = make("refresh", SRP_HOME=str(tmp_path))
    assert (done.returncode != 0, "srp refresh" in done.stderr, files(tmp_path)) == (True, True, before)


def test_the_message_names_what_was_found_and_what_to_run(tmp_path: Path) -> None:
    put(tmp_path / "inbox")
    with pytest.raises(WrongHome, match=rf"1 entry \(inbox/{PARTNERS_FILE}\).*`srp refresh`.*empty folder"):
        Home(tmp_path).make(demo=True)


def test_a_link_counts_as_something(tmp_path: Path) -> None:
    put(tmp_path / "elsewhere")
    home = tmp_path / "home"
    home.mkdir()
    (home / "inbox").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(WrongHome):
        Home(home).make(demo=True)


def test_a_folder_prepared_for_a_partner_counts_as_something(tmp_path: Path) -> None:
    (tmp_path / "inbox" / "syp_crimes").mkdir(parents=True)
    with pytest.raises(WrongHome):
        Home(tmp_path).make(demo=True)


def test_a_key_of_a_real_home_counts_as_something(tmp_path: Path) -> None:
    put(tmp_path, "secret/pseudonym.key")
    with pytest.raises(WrongHome):
        Home(tmp_path).make(demo=True)


def test_a_making_that_was_broken_off_is_done_again(tmp_path: Path) -> None:
    Home(tmp_path).make(demo=True)
    (tmp_path / "home.json").unlink()
    Home(tmp_path).make(demo=True)
    assert Home(tmp_path).is_demo and DEMO_KEY not in Home(tmp_path).pseudonym_key


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A small demo home whose inbox is elsewhere, as the settings that name both."""
    folder = tmp_path_factory.mktemp("demo")
    environment = {"SRP_HOME": str(folder / "home"), "SRP_INBOX": str(folder / "inbox")}
    CliRunner().invoke(app, ["demo", "--scale", "0.01"], env=environment, catch_exceptions=False)
    return environment


def test_a_demo_may_be_written_again_into_its_own_inbox(demo: dict[str, str]) -> None:
    Home(Path(demo["SRP_HOME"])).make(demo=True, inbox=Path(demo["SRP_INBOX"]))


def test_with_once_nothing_is_written_into_a_demo_home_that_exists(demo: dict[str, str]) -> None:
    inbox = Path(demo["SRP_INBOX"])
    next(inbox.glob("syp_crimes/*")).unlink()
    before = files(inbox)
    CliRunner().invoke(app, ["demo", "--once"], env=demo, catch_exceptions=False)
    assert files(inbox) == before
