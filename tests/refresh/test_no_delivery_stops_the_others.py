"""Whatever a partner sends, the other feeds are released, and the next good file is too."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import duckdb
import pytest

from dagster_srp.contracts import Contract
from dagster_srp.home import Home
from dagster_srp.refresh import Refreshed
from tests.refresh.conftest import refresh
from tests.refresh.test_a_refresh_keeps_its_promises import a_crime, crimes

LARGE_FEEDS = ("syp_crimes", "syp_incidents")


def header_only(inbox: Path, contract: Contract) -> None:
    """A file whose name has a date, whose header is the contract's, and which has no row."""
    name = (
        "2026-01-south-yorkshire.csv" if contract.partner == "police_uk" else f"{contract.feed}_20260101.csv"
    )
    path = inbox / contract.feed / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerow([column.source_name for column in contract.columns])


def states(refreshed: Refreshed) -> dict[str, str]:
    return {d.feed: d.state for d in refreshed.landed.deliveries if d.rows_read == 0}


@pytest.fixture(scope="module")
def empty_files_home(
    tmp_path_factory: pytest.TempPathFactory, small_home: Home, contracts: dict[str, Contract]
) -> tuple[Home, Refreshed]:
    """A home into which every feed sends a header alone, and the police one good file too."""
    home = Home(tmp_path_factory.mktemp("empty") / "home")
    shutil.copytree(small_home.root, home.root, symlinks=True)
    for contract in contracts.values():
        header_only(home.inbox, contract)
    crimes(home, a_crime(1, "15/07/2016"), day="20260102")
    return home, refresh(home.root)


def test_a_header_alone_from_every_feed_leaves_a_release(empty_files_home: tuple[Home, Refreshed]) -> None:
    assert empty_files_home[1].current == "r0002"


def test_a_header_alone_says_that_nothing_happened_unless_it_would_replace_what_came_before(
    empty_files_home: tuple[Home, Refreshed], contracts: dict[str, Contract]
) -> None:
    wanted = {
        feed: "accepted" if contract.restates_by in ("upsert", "append") else "held"
        for feed, contract in contracts.items()
    }
    # A month without a row cannot be chance where there have been hundreds of them in each.
    wanted |= dict.fromkeys(LARGE_FEEDS, "doubted")
    assert states(empty_files_home[1]) == wanted


def test_no_reason_advises_a_header_alone_where_it_would_be_held(
    empty_files_home: tuple[Home, Refreshed],
) -> None:
    reasons = [" ".join(d.reasons) for d in empty_files_home[1].landed.deliveries if d.state == "held"]
    assert reasons and all(reason.endswith("Resend it with its rows.") for reason in reasons)


def test_good_files_after_a_header_alone_are_released(empty_files_home: tuple[Home, Refreshed]) -> None:
    home = empty_files_home[0]
    crimes(home, a_crime(2, "16/07/2016"), day="20260201")
    refresh(home.root)
    with duckdb.connect(str(home.released / "srp.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            "select crime_ref from marts.fct_crime where crime_ref like 'SYP/99/%' order by 1"
        ).fetchall()
    assert rows == [("SYP/99/000001",), ("SYP/99/000002",)]
