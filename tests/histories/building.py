"""Builds a home's marts without gates and release: what is under test is that adding equals building in full."""

from __future__ import annotations

from contextlib import closing

import duckdb

from dagster_srp.building import Dbt, complete_build, dbt_environment, prepare_build
from dagster_srp.contracts import load_contracts
from dagster_srp.home import Home
from dagster_srp.landing import connect, land
from dagster_srp.landing.land import LandingSettings
from dagster_srp.landing.packed import Limits
from dagster_srp.release import TableFingerprint, fingerprints

INCREMENTAL = ("run", "--select", "config.materialized:incremental")
CODE = "the same throughout"


def land_all(home: Home) -> None:
    settings = LandingSettings(home.inbox, home.archive, 0.0, Limits(1 << 30, 200), takes_demo=True)
    with closing(connect(home.workplace.landing, threads=2, memory_limit="1GB")) as connection:
        landed = land(connection, load_contracts(), settings)
    assert [d.reasons for d in landed.deliveries if d.state == "held"] == []


def build_base(home: Home) -> None:
    _build(home, ("build", "--exclude-resource-type", "unit_test", "test"), full=True)


def add(home: Home) -> None:
    """Adds what waits in the inbox to what was built."""
    assert not _build(home, INCREMENTAL, full=False)


def build_again(home: Home) -> None:
    """Builds the incremental models in full, from all that has landed."""
    _build(home, (*INCREMENTAL, "--full-refresh"), full=False)


def contents(home: Home) -> list[TableFingerprint]:
    """Every released table's fingerprint, and those of the tables that staging remembers what was superseded by."""
    told: list[TableFingerprint] = []
    for path, schema in ((home.workplace.candidate, "marts"), (home.workplace.build, "staging")):
        with duckdb.connect(str(path), read_only=True) as connection:
            told += fingerprints(connection, schema)
    return told


def _build(home: Home, words: tuple[str, ...], full: bool) -> bool:
    land_all(home)
    plan = prepare_build(
        home.workplace,
        release_id="r0001",
        as_at=None,
        is_demo=True,
        pseudonym_key=home.pseudonym_key,
        code_fingerprint=CODE,
        reference_feeds=[],
        full=full,
    )
    Dbt(dbt_environment(home.workplace, 2, "2GB"))(*words)
    complete_build(home.workplace, plan, home.pseudonym_key)
    return plan.is_full
