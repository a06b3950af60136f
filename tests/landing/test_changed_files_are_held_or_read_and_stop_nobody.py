"""A sample of what `make fuzz` lands by the thousand, and every file that once broke a promise, by its number."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from .changes import Base
from .fuzz import base_files, run

EVERYDAY = 150
BROKE_A_PROMISE = {
    34: "an OpenDocument row repeated a million times took 1.3 GB and 15 seconds",
    1001: "a Parquet file with damaged pages was held as a fault of the warehouse",
}


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> list[Base]:
    return base_files(tmp_path_factory.mktemp("bases"))


def test_changed_files_break_no_promise() -> None:
    command = [sys.executable, "-W", "ignore", "-m", "tests.landing.fuzz", "--files", str(EVERYDAY)]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert f"{EVERYDAY} files in" in done.stdout


@pytest.mark.parametrize("number", BROKE_A_PROMISE)
def test_a_file_that_once_broke_a_promise_keeps_it(bases: list[Base], tmp_path: Path, number: int) -> None:
    (outcome,) = run([number], bases, tmp_path)
    assert outcome.broken == "" and outcome.seconds < 5
