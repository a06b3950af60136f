"""With years of history a month's deliveries cost what the month costs: the result must be the full build's, row for row."""

from __future__ import annotations

import shutil
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dagster_srp.home import Home
from tests.histories.building import (
    add,
    build_again,
    changed_rows,
    contents,
    decide,
    deliveries_of_records,
)
from tests.histories.random_deliveries import HISTORIES, write_batch

EVERYDAY = max(1, settings().max_examples // 100)
"""20 histories every day; `make histories` asks for ten times as many examples, and so for 200."""


# shrinking would build for hours: the seed that fails is told, and is enough to see it again
@settings(
    max_examples=EVERYDAY,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
@given(seed=st.integers(min_value=0, max_value=2**32), batches=st.integers(min_value=2, max_value=3))
def test_twenty_random_histories_added_and_built_in_full_are_equal(
    base_home: Home, tmp_path_factory: pytest.TempPathFactory, seed: int, batches: int
) -> None:
    root = tmp_path_factory.mktemp("history") / "home"
    shutil.copytree(base_home.root, root)
    home, rng = Home(root), Random(seed)
    for batch in range(batches):
        write_batch(home.inbox, rng, batch)
        assert not add(home).plan.is_full
    added = contents(home)
    build_again(home)
    differing = [a.table for a, b in zip(added, contents(home), strict=True) if a != b]
    shutil.rmtree(root)
    assert differing == [], f"{HISTORIES} histories from seed {seed} in {batches} batches"


def test_no_row_changes_but_those_whose_keys_a_new_delivery_names(base_home: Home, tmp_path: Path) -> None:
    home, rng = Home(tmp_path / "home"), Random(20)
    shutil.copytree(base_home.root, home.root)
    write_batch(home.inbox, rng, 0)
    add(home)
    before = tmp_path / "before.duckdb"
    shutil.copyfile(home.workplace.candidate, before)
    write_batch(home.inbox, rng, 1)
    built = add(home)
    named = changed_rows(home, before, built, built.plan.new_feeds)
    assert named and named == changed_rows(home, before, built, None)


def test_a_delivery_refused_and_accepted_again_leaves_what_a_full_build_makes(
    base_home: Home, tmp_path: Path
) -> None:
    home, rng = Home(tmp_path / "home"), Random(30)
    shutil.copytree(base_home.root, home.root)
    write_batch(home.inbox, rng, 0)
    add(home)
    refused = rng.sample(deliveries_of_records(home), 4)
    decide(home, refused, "refused")
    add(home)
    decide(home, refused[:2], "accepted")
    write_batch(home.inbox, rng, 1)
    assert not add(home).plan.is_full
    added = contents(home)
    build_again(home)
    assert [a.table for a, b in zip(added, contents(home), strict=True) if a != b] == []
