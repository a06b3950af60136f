"""What the current release has and the candidate has not is named, unless a decision took it away."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest

from dagster_srp.duck import Engine
from dagster_srp.gates.vanished import (
    Loss,
    Withdrawn,
    find_losses,
    key_of,
    places_verdict,
    unexplained,
    vanished_verdict,
)

ENGINE = Engine(threads=1, memory_limit="200MB")
LOOKUPS = ("ons_lad_csp_pfa", "ons_lsoa_2011_2021", "ons_lsoa_ward_lad")


def warehouse(path: Path, *changes: str) -> Path:
    """A release with two feeds, a fact of two months and two figures; then the changes."""
    with duckdb.connect(str(path)) as connection:
        for statement in (
            "create schema marts",
            "create table marts.feed_conservation as select unnest(['fires', 'crimes']) as feed, 60 as current_count",
            f"insert into marts.feed_conservation select unnest({list(LOOKUPS)}), 5",
            "create table marts.fct_fire as select range as ref, 'E08000018' as district_code, 'E01' as lsoa21_code,"
            " case when range < 40 then date '2025-01-01' else date '2025-02-01' end as fire_month_date from range(60)",
            "create table marts.dim_indicator as select unnest(['fires', 'rate']) as indicator_id",
            "create table marts.indicator_values as select unnest(['fires', 'rate']) as indicator_id, 'csp' as area_type,"
            " 'E22' as area_code, 1.0 as value",
            *changes,
        ):
            connection.execute(statement)
    return path


def losses(folder: Path, *changes: str) -> list[str]:
    found = find_losses(
        warehouse(folder / "candidate.duckdb", *changes), warehouse(folder / "released.duckdb"), ENGINE
    )
    return [f"{loss.kind} {loss}" for loss in found]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("select 1", []),
        ("update marts.feed_conservation set current_count = 0 where feed = 'fires'", ["feed fires from 60 to 0"]),
        ("delete from marts.feed_conservation where feed = 'fires'", ["feed fires from 60 to 0"]),
        ("delete from marts.fct_fire", ["table fct_fire from 60 to 0"]),
        ("drop table marts.fct_fire", ["table fct_fire from 60 to 0"]),
        ("delete from marts.fct_fire where ref < 37", ["month fct_fire 2025-01 from 40 to 3"]),
        ("delete from marts.fct_fire where ref < 36", []),
        ("delete from marts.indicator_values where indicator_id = 'rate'", ["indicator rate from 1 to 0"]),
        ("update marts.indicator_values set value = null where indicator_id = 'rate'", ["indicator rate from 1 to 0"]),
        ("update marts.indicator_values set area_code = 'E23'", ["area csp E22 from 2 to 0"]),
    ],
)  # fmt: skip
def test_each_kind_of_part_that_vanished_is_named(tmp_path: Path, change: str, said: Sequence[str]) -> None:
    assert losses(tmp_path, change) == said


def test_an_indicator_whose_definition_was_taken_out_has_not_vanished(tmp_path: Path) -> None:
    gone = (
        f"delete from marts.{table} where indicator_id = 'rate'"
        for table in ("dim_indicator", "indicator_values")
    )
    assert losses(tmp_path, *gone) == []


FIRES = Loss("month", "fct_fire 2025-01", "marts.fct_fire", "2025-01", 40, 3)


@pytest.mark.parametrize(
    ("withdrawn", "is_explained"),
    [
        (Withdrawn("fires", "2025-01", "2025-01"), True),
        (Withdrawn("fires", None, None), True),
        (Withdrawn("fires", "2025-02", "2025-03"), False),
        (Withdrawn("crimes", "2025-01", "2025-01"), False),
    ],
)
def test_only_a_withdrawn_delivery_of_the_feed_and_month_explains_a_loss(
    withdrawn: Withdrawn, is_explained: bool
) -> None:
    left = unexplained([FIRES], [withdrawn], lambda loss: {"fires"})
    assert left == ([] if is_explained else [FIRES])


def test_a_decision_is_about_these_losses_since_this_release_alone() -> None:
    other = Loss("month", "fct_fire 2025-01", "marts.fct_fire", "2025-01", 40, 2)
    assert len({key_of([FIRES], "r0001"), key_of([FIRES], "r0002"), key_of([other], "r0001")}) == 3


def test_a_loss_refuses_and_an_accepted_one_warns_with_its_reason() -> None:
    refused = vanished_verdict([FIRES], "r0001", None)
    accepted = vanished_verdict([FIRES], "r0001", "The force withdrew it.")
    assert (refused.severity, accepted.severity) == ("critical", "warning")
    assert "Vanished since r0001: month fct_fire 2025-01 from 40 to 3." in refused.message
    assert "srp decide release accept" in refused.message and "The force withdrew it." in accepted.message


def test_a_release_without_the_lookups_of_places_names_them_and_counts_what_has_no_place(
    tmp_path: Path,
) -> None:
    bare = warehouse(
        tmp_path / "bare.duckdb",
        "delete from marts.feed_conservation where feed like 'ons_%'",
        "update marts.fct_fire set district_code = null",
    )
    verdict = places_verdict(bare, ENGINE)
    assert not verdict.success and all(name in verdict.message for name in LOOKUPS)
    assert "60 rows are placed in no district" in verdict.message


def test_a_release_with_the_lookups_of_places_does_not_warn(tmp_path: Path) -> None:
    assert places_verdict(warehouse(tmp_path / "whole.duckdb"), ENGINE).success
