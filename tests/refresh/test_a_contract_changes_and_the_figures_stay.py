"""A contract changes, its feed is landed again, and no figure moves; a change that would empty the feed is refused."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from dagster_srp import refresh as refreshing
from dagster_srp.gates.from_contracts import write_landing_suites
from dagster_srp.home import Home
from dagster_srp.refresh import SUITES, GateRefused
from tests.contracts.changed import (
    Document,
    add_a_column_and_say_nothing,
    add_a_needed_column,
    all_with,
)
from tests.refresh.conftest import refresh


@pytest.fixture
def change_contract(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Callable[[Document], None]], None]:
    """Gives the refresh a changed contract of MARAC cases, with the suites that follow from it."""

    def change(how: Callable[[Document], None]) -> None:
        contracts = all_with(tmp_path / "contracts", "marac_cases", how)
        suites = tmp_path / "suites"
        shutil.copytree(SUITES, suites)
        write_landing_suites(suites, contracts)
        monkeypatch.setattr(refreshing, "load_contracts", lambda: contracts)
        monkeypatch.setattr(refreshing, "SUITES", suites)

    return change


def figures(home: Home) -> list[tuple]:
    with duckdb.connect(str(home.released / "srp.duckdb"), read_only=True) as connection:
        return connection.execute(
            "select indicator_id, period_type, period_start, area_code, breakdown, numerator, denominator, value, maturity"
            " from marts.indicator_values order by all"
        ).fetchall()


def states(home: Home) -> list[tuple]:
    with duckdb.connect(str(home.workplace.landing), read_only=True) as connection:
        return connection.execute(
            "select state, contract_version, count(*) > 10 from ledger.deliveries where feed = 'marac_cases' group by all"
        ).fetchall()


def test_a_new_column_leaves_every_older_delivery_and_figure_as_it_was(
    own_home: Home, change_contract: Callable[..., None]
) -> None:
    before = figures(own_home)
    change_contract(add_a_needed_column)
    assert refresh(own_home.root).release is not None
    # Its day is in the middle of the demo's: the later ones are judged by their header.
    assert states(own_home) == [("accepted", "1.0.0", True)]
    assert figures(own_home) == before


def test_a_change_that_holds_what_was_accepted_is_refused_and_the_release_stays(
    own_home: Home, change_contract: Callable[..., None]
) -> None:
    before = (own_home.released / "srp.duckdb").resolve()
    change_contract(add_a_column_and_say_nothing)
    with pytest.raises(GateRefused, match=r"is held since its contract changed.*new version of the contract"):
        refresh(own_home.root)
    assert (own_home.released / "srp.duckdb").resolve() == before
