"""`--as-at`, `SRP_AS_AT` and Dagster's launchpad read a moment alike, in every time zone."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dagster_srp.errors import WrongMoment
from dagster_srp.moments import parse_as_at
from dagster_srp.refresh import Refresh
from dagster_srp.settings import Settings, child_environment, read_settings

WRITTEN = "2017-04-01T00:30:00+01:00"
MEANT = dt.datetime(2017, 3, 31, 23, 30)
ZONES = ("UTC", "America/New_York", "Pacific/Auckland")


@pytest.fixture(params=ZONES)
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The machine's time zone."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


def test_an_offset_of_the_option_is_the_same_in_every_zone(zone: str) -> None:
    assert parse_as_at(WRITTEN) == MEANT


def test_an_offset_of_the_setting_is_the_same_in_every_zone(
    zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SRP_AS_AT", WRITTEN)
    assert read_settings().as_at == MEANT


def test_a_refresh_that_is_given_an_offset_takes_it_out(zone: str, tmp_path: Path) -> None:
    given = dt.datetime.fromisoformat(WRITTEN)
    assert Refresh(Settings(home=tmp_path, inbox=None, as_at=None), given).as_at == MEANT


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2017-03-31", dt.datetime(2017, 3, 31)),
        ("2017-03-31T23:59:59", dt.datetime(2017, 3, 31, 23, 59, 59)),
        ("2017-03-31 23:59", dt.datetime(2017, 3, 31, 23, 59)),
        ("2017-03-31T23:59:59Z", dt.datetime(2017, 3, 31, 23, 59, 59)),
        ("2017-03-31T23:59:59.5-0500", dt.datetime(2017, 4, 1, 4, 59, 59, 500_000)),
    ],
)
def test_what_can_be_written(text: str, moment: dt.datetime) -> None:
    assert parse_as_at(text) == moment


@pytest.mark.parametrize("text", ["", "31/03/2017", "2017", "2017-02-30", "1490918400", "20170331", "now"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(WrongMoment):
        parse_as_at(text)


def test_a_moment_that_has_not_come_is_refused() -> None:
    now = dt.datetime(2020, 1, 1)
    assert parse_as_at("2020-01-01", now) == now
    with pytest.raises(WrongMoment, match="has not come"):
        parse_as_at("2020-01-01T00:00:01", now)


def test_the_same_words_open_the_same_deliveries_on_two_machines() -> None:
    script = "from dagster_srp.settings import read_settings; print(read_settings().as_at)"
    said = {
        subprocess.run(
            [sys.executable, "-c", script],
            env=child_environment({"SRP_AS_AT": WRITTEN, "TZ": zone}),
            capture_output=True,
            text=True,
        ).stdout
        for zone in ZONES
    }
    assert said == {f"{MEANT}\n"}
