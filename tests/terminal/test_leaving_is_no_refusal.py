"""Ctrl-C and a listener that leaves: neither is a refusal."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dagster_srp.attempts import attempts
from dagster_srp.home import Home
from dagster_srp.settings import child_environment

SRP = [sys.executable, "-m", "dagster_srp.cli"]


def test_a_listener_that_leaves_changes_no_exit_code(tmp_path: Path) -> None:
    environment = child_environment({"SRP_HOME": str(tmp_path)})
    with subprocess.Popen(
        [*SRP, "feeds"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()
    assert (process.returncode, said) == (0, b"")


def test_a_listener_that_leaves_does_not_hide_a_refusal(tmp_path: Path) -> None:
    Home(tmp_path).make(demo=False)
    with subprocess.Popen(
        [*SRP, "deliveries", "--json"],
        env=child_environment({"SRP_HOME": str(tmp_path)}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        process.stderr.close()
    assert process.returncode == 2


@pytest.fixture
def waiting_home(tmp_path: Path) -> Home:
    """A home whose refresh waits for a young file to settle."""
    home = Home(tmp_path)
    home.make(demo=False)
    (home.inbox / "syp_crimes").mkdir()
    (home.inbox / "syp_crimes" / "syp_crimes_20260101.csv").write_text("a\n", encoding="utf-8")
    return home


def test_an_interrupt_says_so_and_what_to_do(waiting_home: Home) -> None:
    environment = child_environment({"SRP_HOME": str(waiting_home.root), "SRP_SETTLE_SECONDS": "60"})
    with subprocess.Popen([*SRP, "refresh"], env=environment, stderr=subprocess.PIPE, text=True) as process:
        for _ in range(300):
            if (attempt := next(iter(attempts(waiting_home.root)), None)) and attempt.step == "land":
                break
            time.sleep(0.1)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Interrupted. Nothing is lost." in said and "Refused" not in said
    assert attempts(waiting_home.root)[-1].outcome == "interrupted"
