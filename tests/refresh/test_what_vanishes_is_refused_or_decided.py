"""A release from which something vanished is refused, and a person lets it through with the reason beside it."""

from __future__ import annotations

import json

import duckdb
import pytest
from typer.testing import CliRunner

from dagster_srp.cli import app
from dagster_srp.errors import GateRefused
from dagster_srp.home import Home
from dagster_srp.release import read_manifest
from tests.refresh.conftest import refresh
from tests.refresh.test_a_refresh_keeps_its_promises import a_crime, crimes

BECAUSE = "The contract of the MARAC changed."


def hold(home: Home, feed: str) -> None:
    """Leaves the ledger as a changed contract does that no delivery of the feed meets."""
    with duckdb.connect(str(home.workplace.landing)) as connection:
        connection.execute("update ledger.deliveries set state = 'held' where feed = $1", [feed])


def test_a_feed_that_falls_silent_is_refused_until_a_person_accepts(own_home: Home) -> None:
    hold(own_home, "marac_cases")
    crimes(own_home, a_crime(1, "15/07/2016"))
    with pytest.raises(GateRefused, match="feed marac_cases from") as refused:
        refresh(own_home.root)
    assert "fct_marac_case from" in str(refused.value) and "since r0001" in str(refused.value)
    words = ["decide", "release", "accept", "--because", BECAUSE, "--by", "Data steward", "--json"]
    done = CliRunner().invoke(app, words, env={"SRP_HOME": str(own_home.root)})
    assert done.exit_code == 0 and json.loads(done.stdout)["state"] == "accepted", done.output
    assert refresh(own_home.root).release is not None
    manifest = read_manifest(own_home.releases / "r0002" / "manifest.json")
    (decision,) = manifest.decisions
    assert (decision.feed, decision.by, decision.because[0]) == ("release", "Data steward", BECAUSE)
    assert any(BECAUSE in warning for warning in manifest.warnings)


def test_what_a_person_withdrew_needs_no_second_decision(own_home: Home) -> None:
    with duckdb.connect(str(own_home.workplace.landing), read_only=True) as connection:
        numbers = connection.execute(
            "select delivery_no from ledger.deliveries where feed = 'marac_cases' and state = 'accepted'"
        ).fetchall()
    for (number,) in numbers:
        words = ["decide", str(number), "refuse", "--because", "Withdrawn."]
        done = CliRunner().invoke(app, words, env={"SRP_HOME": str(own_home.root)})
        assert done.exit_code == 0, done.output
    assert refresh(own_home.root).release is not None
