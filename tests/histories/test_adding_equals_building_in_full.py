"""With years of history a month's deliveries cost what the month costs: the result must be the full build's, row for row."""

from __future__ import annotations

import shutil
from pathlib import Path
from random import Random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dagster_srp.home import Home
from tests.histories.building import add, build_again, contents
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
    base_home: Home, tmp_path_factory: object, seed: int, batches: int
) -> None:
    root = Path(tmp_path_factory.mktemp("history")) / "home"  # type: ignore[attr-defined]
    shutil.copytree(base_home.root, root)
    home, rng = Home(root), Random(seed)
    for batch in range(batches):
        write_batch(home.inbox, rng, batch)
        add(home)
    added = contents(home)
    build_again(home)
    differing = [a.table for a, b in zip(added, contents(home), strict=True) if a != b]
    shutil.rmtree(root)
    assert differing == [], f"{HISTORIES} histories from seed {seed} in {batches} batches"
