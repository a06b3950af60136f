"""Judging apart gives what judging here gives; a process that fails says so, and the next question is answered."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from dagster_srp.duck import Engine
from dagster_srp.gates import GateBroken, SuiteError, ask, judge
from dagster_srp.gates.apart import Answer, _process
from dagster_srp.gates.judging import _load_when_used
from dagster_srp.terminal.exits import exits

from .warehouses import build, execute, expectation, has_rows, write_suite

TABLE = "staging.stg_syp_crimes"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return build(tmp_path / "build.duckdb")


def _asked(file: Path, suites: Path) -> Answer:
    return ask(file, "staging", suites=suites, attached={}, new_deliveries=[], engine=Engine(1))


def test_the_verdicts_are_those_of_judging_here(tmp_path: Path, file: Path) -> None:
    doubled = expectation("expect_column_values_to_be_unique", "unique", column="_delivery_no")
    suites = write_suite(tmp_path, "crimes", TABLE, has_rows(), doubled)
    assert _asked(file, suites)() == judge(file, "staging", suites=suites)


def test_a_suite_that_cannot_be_judged_is_said_as_here(tmp_path: Path, file: Path) -> None:
    suites = write_suite(tmp_path, "crimes", "staging.nowhere", has_rows())
    with pytest.raises(SuiteError, match=r"staging\.nowhere cannot be read"):
        _asked(file, suites)()


def test_a_file_that_is_no_database_is_no_verdict(tmp_path: Path) -> None:
    broken = tmp_path / "broken.duckdb"
    broken.write_bytes(b"Zebediah Quillfeather" * 1000)
    suites = write_suite(tmp_path, "crimes", TABLE, has_rows())
    with pytest.raises(GateBroken, match="could not judge") as raised:
        _asked(broken, suites)()
    assert "Zebediah" not in str(raised.value)


def test_a_process_that_is_killed_is_no_verdict(tmp_path: Path, file: Path) -> None:
    suites = write_suite(tmp_path, "crimes", TABLE, has_rows())
    _asked(file, suites)()
    os.kill(_process(os.getpid()).pid, signal.SIGKILL)
    with pytest.raises(GateBroken, match="ended with code -9"):
        _asked(file, suites)()


@pytest.mark.parametrize("error", [GateBroken, SuiteError])
def test_a_gate_that_cannot_judge_is_told_like_a_refusal(
    error: type[Exception], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended, exits(as_json=False):
        raise error("it ended")
    assert (ended.value.code, capsys.readouterr().err.splitlines()[0]) == (1, "Refused. it ended")


def test_after_a_killed_process_another_judges(tmp_path: Path, file: Path) -> None:
    suites = write_suite(tmp_path, "crimes", TABLE, has_rows())
    process = _process(os.getpid())
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    with pytest.raises(GateBroken):
        _asked(file, suites)()
    assert [verdict.success for verdict in _asked(file, suites)()] == [True]


def test_an_answer_that_nobody_heard_is_not_taken_for_the_next(tmp_path: Path, file: Path) -> None:
    suites = write_suite(tmp_path, "crimes", TABLE, has_rows())
    emptied = execute(build(tmp_path / "emptied.duckdb"), "delete from staging.stg_syp_crimes")
    _asked(file, suites)
    assert [verdict.success for verdict in _asked(emptied, suites)()] == [False]


def test_a_module_that_is_seldom_used_is_not_loaded_by_its_import(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    _load_when_used("colorsys")
    import colorsys

    assert "hsv_to_rgb" not in vars(colorsys)


def test_a_module_that_is_seldom_used_is_loaded_when_something_of_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    _load_when_used("colorsys")
    import colorsys

    assert colorsys.hsv_to_rgb(0.0, 0.0, 1.0) == (1.0, 1.0, 1.0)
