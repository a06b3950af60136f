"""The control schema: visible deliveries, their order, and whether a build may be incremental."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pytest

from dagster_srp.building import BuildPlan, complete_build, prepare_build, staging_selection
from dagster_srp.building.dbt import PROJECT_DIR
from dagster_srp.building.selection import BEYOND_STAGING
from dagster_srp.duck import Engine
from dagster_srp.home import Workplace
from dagster_srp.landing.ledger import DECISIONS, DELIVERIES

DAY = dt.datetime(2019, 1, 1)
ENGINE = Engine()


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    place = Workplace(tmp_path / "landing.duckdb", tmp_path / "work")
    with duckdb.connect(str(place.landing)) as connection:
        connection.execute("create schema ledger")
        connection.execute(DELIVERIES)
        connection.execute(DECISIONS)
    return place


def deliver(
    place: Workplace, number: int, day: int, feed: str = "syp_crimes", state: str = "accepted"
) -> None:
    with duckdb.connect(str(place.landing)) as connection:
        connection.execute(
            "insert into ledger.deliveries values (?, ?, ?, 'f', 1, 'csv', 1, 1, 0, null, null, ?, now(), ?, [], [], 'c', '1.0.0')",
            [number, feed, f"sha{number}", DAY + dt.timedelta(days=day), state],
        )


def plan(
    place: Workplace, *, as_at: dt.datetime | None = None, code: str = "code", full: bool = False
) -> BuildPlan:
    made = prepare_build(
        place,
        release_id="r0001",
        as_at=as_at,
        is_demo=True,
        pseudonym_key="key",
        code_fingerprint=code,
        reference_feeds=["ons_residents"],
        engine=ENGINE,
        full=full,
    )
    duckdb.connect(str(place.candidate)).close()
    return made


def visible(place: Workplace) -> list[tuple[int, int, bool]]:
    with duckdb.connect(str(place.build), read_only=True) as connection:
        return connection.execute(
            "select delivery_no, ordinal, is_new from control.visible_delivery order by feed, ordinal"
        ).fetchall()


def test_order_follows_extraction_and_not_arrival(workplace: Workplace) -> None:
    deliver(workplace, 1, day=5)
    deliver(workplace, 2, day=3)
    plan(workplace)
    assert visible(workplace) == [(2, 1, True), (1, 2, True)]


def test_a_held_delivery_is_not_seen(workplace: Workplace) -> None:
    deliver(workplace, 1, day=5, state="held")
    assert plan(workplace).visible_count == 0


def test_as_at_sees_a_delivery_of_that_moment(workplace: Workplace) -> None:
    deliver(workplace, 1, day=5)
    assert plan(workplace, as_at=DAY + dt.timedelta(days=5)).visible_count == 1


def test_as_at_does_not_see_a_later_delivery(workplace: Workplace) -> None:
    deliver(workplace, 1, day=5)
    assert plan(workplace, as_at=DAY + dt.timedelta(days=4)).visible_count == 0


def test_a_lookup_serves_moments_before_the_first_of_it(workplace: Workplace) -> None:
    deliver(workplace, 1, day=5, feed="ons_residents")
    deliver(workplace, 2, day=9, feed="ons_residents")
    plan(workplace, as_at=DAY)
    assert visible(workplace) == [(1, 1, True)]


def test_now_is_the_latest_extraction_and_not_the_clock(workplace: Workplace) -> None:
    deliver(workplace, 1, day=5)
    assert plan(workplace).known_at == DAY + dt.timedelta(days=5)


def test_the_first_build_is_full(workplace: Workplace) -> None:
    assert plan(workplace).is_full


def test_a_build_after_a_whole_one_adds_what_is_new(workplace: Workplace) -> None:
    deliver(workplace, 1, day=1)
    complete_build(workplace, plan(workplace), "key", ENGINE)
    deliver(workplace, 2, day=2)
    second = plan(workplace)
    assert (second.is_full, visible(workplace)) == (False, [(1, 1, False), (2, 2, True)])


def test_a_plan_names_the_feeds_that_have_a_new_delivery(workplace: Workplace) -> None:
    deliver(workplace, 1, day=1)
    complete_build(workplace, plan(workplace), "key", ENGINE)
    deliver(workplace, 2, day=2, feed="marac_cases")
    assert plan(workplace).new_feeds == ("marac_cases",)


def test_a_build_after_a_new_lookup_is_full(workplace: Workplace) -> None:
    deliver(workplace, 1, day=1)
    complete_build(workplace, plan(workplace), "key", ENGINE)
    deliver(workplace, 2, day=2, feed="ons_residents")
    assert plan(workplace).is_full


def test_a_build_that_adds_selects_no_other_feeds_staging(workplace: Workplace) -> None:
    deliver(workplace, 1, day=1)
    complete_build(workplace, plan(workplace), "key", ENGINE)
    deliver(workplace, 2, day=2)
    assert staging_selection(plan(workplace)) == ("stg_syp_crimes*",)


def test_a_full_build_selects_seeds_and_all_of_staging(workplace: Workplace) -> None:
    assert staging_selection(plan(workplace)) == ("resource_type:seed", "path:models/staging")


def test_what_is_beyond_staging_is_every_other_room() -> None:
    rooms = {path.name for path in (PROJECT_DIR / "models").iterdir() if path.is_dir()}
    beyond = PROJECT_DIR.glob(BEYOND_STAGING.removeprefix("path:"))
    assert {path.name for path in beyond} == rooms - {"staging"}


def test_a_broken_off_build_leaves_its_deliveries_new(workplace: Workplace) -> None:
    deliver(workplace, 1, day=1)
    complete_build(workplace, plan(workplace), "key", ENGINE)
    deliver(workplace, 2, day=2)
    plan(workplace)
    plan(workplace)
    assert visible(workplace) == [(1, 1, False), (2, 2, True)]


def test_changed_code_builds_in_full(workplace: Workplace) -> None:
    complete_build(workplace, plan(workplace), "key", ENGINE)
    assert plan(workplace, code="other").is_full


def test_another_key_builds_in_full(workplace: Workplace) -> None:
    complete_build(workplace, plan(workplace), "another key", ENGINE)
    assert plan(workplace).is_full


def test_a_delivery_that_vanished_builds_in_full(workplace: Workplace) -> None:
    deliver(workplace, 1, day=1)
    complete_build(workplace, plan(workplace), "key", ENGINE)
    with duckdb.connect(str(workplace.landing)) as connection:
        connection.execute("delete from ledger.deliveries")
    assert plan(workplace).is_full


def test_the_same_deliveries_and_code_have_the_same_fingerprint(workplace: Workplace) -> None:
    deliver(workplace, 1, day=1)
    assert plan(workplace).fingerprint == plan(workplace, full=True).fingerprint


def test_another_delivery_has_another_fingerprint(workplace: Workplace) -> None:
    deliver(workplace, 1, day=1)
    first = plan(workplace).fingerprint
    deliver(workplace, 2, day=2)
    assert plan(workplace).fingerprint != first


def test_of_two_deliveries_of_one_moment_the_later_arrival_counts(workplace: Workplace) -> None:
    for number in (2, 1):
        deliver(workplace, number, day=1)
    plan(workplace)
    with duckdb.connect(str(workplace.build)) as connection:
        rows = connection.execute(
            "select delivery_no, ordinal from control.visible_delivery order by ordinal"
        )
        assert rows.fetchall() == [(2, 1), (1, 2)]
