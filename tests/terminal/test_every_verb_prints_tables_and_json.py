"""What each verb prints of a home that was refreshed: tables at 80 columns, JSON, and nothing else on standard output."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

import pytest
import typer
from typer.core import TyperGroup
from typer.testing import CliRunner

from dagster_srp.cli import app
from dagster_srp.home import Home
from dagster_srp.settings import child_environment

COMMAND = typer.main.get_command(app)
assert isinstance(COMMAND, TyperGroup)
WHOLE = re.compile(r"(Open|Rows, in|They are in|Put a feed's files)|\s.* as ")
"""How lines begin that are made to be copied, and are as long as they must be."""

READING = [
    ["status"],
    ["history"],
    ["releases"],
    ["releases", "r0001"],
    ["feeds"],
    ["indicators"],
    ["indicators", "hate"],
    ["deliveries"],
    ["deliveries", "syp_crimes", "--month", "2016-05"],
    ["deliveries", "--held"],
    ["deliveries", "--late"],
    ["deliveries", "--latest"],
    ["quarantine"],
    ["quarantine", "syp_crimes"],
    ["reconcile"],
    ["explain", "all_crime_rotherham"],
    ["explain", "all_crime_rotherham", "--period", "2016/17", "--area", "E22000261"],
    ["vintages", "all_crime_rotherham"],
    ["vintages", "all_crime_rotherham", "--reasons"],
    ["vintages", "all_crime_rotherham", "--between", "r0001", "r0001"],
]


def srp(home: Home, *words: str) -> str:
    done = CliRunner().invoke(app, words, env={"SRP_HOME": str(home.root)}, catch_exceptions=False)
    assert (done.exit_code, done.stderr) == (0, "")
    return done.stdout


def in_json(home: Home, *words: str) -> Any:
    return json.loads(srp(home, *words, "--json"))


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_a_verb_fits_80_columns(small_home: Home, words: list[str]) -> None:
    lines = srp(small_home, *words).splitlines()
    assert lines and [line for line in lines if len(line) > 80 and not WHOLE.match(line)] == []


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_a_verb_gives_json(small_home: Home, words: list[str]) -> None:
    assert isinstance(in_json(small_home, *words), list | dict)


@pytest.mark.parametrize("verb", COMMAND.commands)
def test_every_verb_has_json(verb: str) -> None:
    options = [option for parameter in COMMAND.commands[verb].params for option in parameter.opts]
    assert "--json" in options


def test_status_says_the_state(small_home: Home) -> None:
    state = in_json(small_home, "status")
    assert (state["current"], state["last_attempt"]["outcome"], state["unreleased_count"]) == (
        "r0001",
        "released",
        0,
    )
    assert state["last_attempt"]["release_id"] == "r0001"


def test_status_says_what_waits_and_what_to_do(own_home: Home) -> None:
    (own_home.inbox / "syp_crimes").mkdir(exist_ok=True)
    (own_home.inbox / "syp_crimes" / "syp_crimes_20260101.csv").write_text("a\n", encoding="utf-8")
    state = in_json(own_home, "status")
    assert (state["waiting_files"], "srp refresh" in state["next_step"]) == (1, True)


def test_status_names_a_running_refresh(own_home: Home) -> None:
    with own_home.lock():
        assert "process" in in_json(own_home, "status")["running"]


def test_deliveries_are_narrowed_to_a_month_of_a_feed(small_home: Home) -> None:
    rows = in_json(small_home, "deliveries", "syp_crimes", "--month", "2016-05")
    assert rows and {row["feed"] for row in rows} == {"syp_crimes"}
    assert all(
        row["extracted_at"][:7] == "2016-05"
        or row["period_start_date"][:7] <= "2016-05" <= row["period_end_date"][:7]
        for row in rows
    )


def test_the_newest_delivery_of_each_feed_is_listed_once(small_home: Home) -> None:
    every = in_json(small_home, "deliveries")
    newest = {row["feed"]: row["extracted_at"] for row in every if row["state"] == "accepted"}
    latest = in_json(small_home, "deliveries", "--latest")
    assert {row["feed"]: row["extracted_at"] for row in latest} == newest


def test_late_feeds_are_those_of_the_gate(small_home: Home) -> None:
    late = {row["feed"] for row in in_json(small_home, "deliveries", "--late")}
    warned = [w for w in _manifest(small_home)["warnings"] if "no older than its cadence" in w]
    assert f"Broken by {len(late)} cases" in warned[0]


def test_quarantine_counts_what_the_ledger_counts(small_home: Home) -> None:
    accepted = {
        row["file_name"]: row["quarantined_count"] for row in in_json(small_home, "deliveries", "syp_crimes")
    }
    rows = in_json(small_home, "quarantine", "syp_crimes")
    assert sum(row["rows_count"] for row in rows) >= sum(accepted.values()) > 0


def test_reconcile_says_how_many_could_be_compared(small_home: Home) -> None:
    counts = in_json(small_home, "reconcile")["counts"]
    assert 0 <= counts["equal"] <= counts["compared"] < counts["published"]
    last = " ".join(srp(small_home, "reconcile").splitlines()[-2:])
    assert f"Of {counts['published']} published figures {counts['compared']} could be compared" in last


def test_held_is_said_of_deliveries_alone(small_home: Home) -> None:
    assert "held" not in _manifest(small_home)["gates"]


def test_the_register_is_listed_by_theme(small_home: Home) -> None:
    assert {row["theme"] for row in in_json(small_home, "indicators", "hate")} == {"hate"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["explain", "all_crime"], "Did you mean all_crime_"),
        (["explain", "hate_incident"], "Did you mean hate_incidents"),
        (["vintages", "hate_incident"], "Did you mean hate_incidents"),
        (["vintages", "hate_incidents", "--area", "X"], "E22000261 (Rotherham)"),
        (["vintages", "hate_incidents", "--period-type", "week"], "rolling_12m"),
        (["vintages", "hate_incidents", "--between", "r0001", "r0009"], "r0001"),
        (["indicators", "hat"], "hate"),
        (["rebuild", "r0009"], "r0001"),
        (["releases", "r0009"], "r0001"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_is_near_is_named(small_home: Home, words: list[str], said: str) -> None:
    done = CliRunner().invoke(app, words, env={"SRP_HOME": str(small_home.root)})
    assert (done.exit_code, said in " ".join(done.stderr.split())) == (2, True)


def test_a_refresh_with_nothing_new_prints_json_alone(own_home: Home) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dagster_srp.cli", "refresh", "--json"],
        env=child_environment({"SRP_HOME": str(own_home.root), "SRP_SETTLE_SECONDS": "0"}),
        capture_output=True,
        text=True,
    )
    assert (done.returncode, json.loads(done.stdout)["released"]) == (0, False)
    assert [attempt["outcome"] for attempt in in_json(own_home, "history")] == ["released", "nothing new"]


def test_the_version_is_printed() -> None:
    done = CliRunner().invoke(app, ["--version"])
    assert (
        done.exit_code,
        re.fullmatch(r"srp \d+\.\d+\.\d+, (commit \w{10}|no commit)\n", done.stdout) is None,
    ) == (0, False)


@pytest.mark.parametrize("words", [["-h"], ["--help"], ["deliveries", "-h"]])
def test_help_is_asked_for_shortly(words: list[str]) -> None:
    done = CliRunner().invoke(app, words)
    assert (done.exit_code, "Usage" in done.stdout) == (0, True)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("srp deli", "deliveries"),
        ("srp deliveries syp_cr", "syp_crimes"),
        ("srp explain hate_inc", "hate_incidents"),
    ],
)
def test_a_shell_completes(typed: str, offered: str) -> None:
    environment = {"_SRP_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": str(typed.count(" "))}
    done = CliRunner().invoke(app, [], prog_name="srp", env=environment)
    assert offered in done.stdout.split()


def _manifest(home: Home) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((home.released / "manifest.json").read_text(encoding="utf-8"))
    return manifest
