"""Builds a home's marts without gates and release: what is under test is that adding equals building in full."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dagster_srp.building import (
    BuildPlan,
    Dbt,
    complete_build,
    dbt_environment,
    marts_selection,
    prepare_build,
    staging_selection,
)
from dagster_srp.contracts import load_contracts
from dagster_srp.duck import Engine, open_file
from dagster_srp.home import Home
from dagster_srp.landing import land
from dagster_srp.landing.decisions import Decision, DecisionLog, State, now
from dagster_srp.landing.land import LandingSettings
from dagster_srp.landing.packed import Limits
from dagster_srp.release import TableFingerprint, fingerprints
from dagster_srp.release.changes import find_changes, touched_rows

CODE = "the same throughout"
ENGINE = Engine(2, "2GB")
UNTESTED = ("--exclude-resource-type", "unit_test", "test", "exposure")


@dataclass(frozen=True)
class Built:
    """The plan of a build, and the dbt session that made it."""

    plan: BuildPlan
    dbt: Dbt


def land_all(home: Home) -> None:
    settings = LandingSettings(home.inbox, home.archive, 0.0, Limits(1 << 30, 200), takes_demo=True)
    with closing(open_file(home.workplace.landing, ENGINE, read_only=False)) as connection:
        landed = land(connection, load_contracts(), settings)
    assert [d.reasons for d in landed.deliveries if d.state == "held"] == []


def build_base(home: Home) -> None:
    _build(home, full=True)


def add(home: Home) -> Built:
    """Adds what waits in the inbox to what was built, as a refresh does."""
    return _build(home, full=False)


def build_again(home: Home) -> None:
    """Builds everything anew from all that has landed."""
    assert _build(home, full=True).plan.is_full


def deliveries_of_records(home: Home) -> list[tuple[str, str]]:
    """Feed and sha256 of every delivery that is no lookup."""
    with duckdb.connect(str(home.workplace.landing), read_only=True) as connection:
        return connection.execute(
            "select feed, sha256 from ledger.deliveries where not starts_with(feed, 'ons_') order by all"
        ).fetchall()


def decide(home: Home, deliveries: Sequence[tuple[str, str]], state: State) -> None:
    """Records a decision about each of the deliveries."""
    log = DecisionLog(home.archive)
    log.record(
        [Decision(feed, sha256, state, "a person", now(), ("A reason.",)) for feed, sha256 in deliveries]
    )


def contents(home: Home) -> list[TableFingerprint]:
    """Every released table's fingerprint, and those of the tables that staging remembers what was superseded by."""
    told: list[TableFingerprint] = []
    for path, schema in ((home.workplace.candidate, "marts"), (home.workplace.build, "staging")):
        with duckdb.connect(str(path), read_only=True) as connection:
            told += fingerprints(connection, schema)
    return told


def changed_rows(home: Home, before: Path, built: Built, new_feeds: tuple[str, ...] | None) -> list[str]:
    """Each fact with the number of its rows that differ from `before`, where those of new feeds alone are compared."""
    told = []
    with closing(duckdb.connect()) as connection:
        place = home.workplace
        files = {"base": before, "new": place.candidate, "build": place.build, "landing": place.landing}
        for name, path in files.items():
            connection.execute(f"attach '{path}' as {name} (read_only)")
        keys = built.dbt.keys()
        for fact in (name for name in keys if name.startswith("fct_")):
            touched = touched_rows(connection, built.dbt, fact, new_feeds)
            if find_changes(connection, fact, keys[fact], touched):
                rows = connection.execute(
                    f"select (select count(*) from {fact}_before), (select count(*) from {fact}_after)"
                ).fetchone()
                told.append(f"{fact} {rows}")
    return told


def _build(home: Home, full: bool) -> Built:
    land_all(home)
    contracts = load_contracts()
    plan = prepare_build(
        home.workplace,
        release_id="r0001",
        as_at=None,
        is_demo=True,
        pseudonym_key=home.pseudonym_key,
        code_fingerprint=CODE,
        reference_feeds=[feed for feed, contract in contracts.items() if contract.restates_by == "snapshot"],
        engine=ENGINE,
        full=full,
    )
    dbt = Dbt(dbt_environment(home.workplace, ENGINE))
    selected = [*staging_selection(plan), *marts_selection(plan)]
    dbt("build", "--select", *selected, *UNTESTED)
    complete_build(home.workplace, plan, home.pseudonym_key, ENGINE)
    return Built(plan, dbt)
