"""Messages about many deliveries are grouped by feed and cause, with counts and the first names."""

from __future__ import annotations

import pytest

from dagster_srp.landing import Landed
from dagster_srp.landing.land import Problem
from dagster_srp.landing.ledger import Delivery
from dagster_srp.landing.messages import messages


def held(feed: str, number: int, *reasons: str) -> Delivery:
    return Delivery(number, feed, f"{feed}_{number:03d}.csv", 0, 0, 0, "held", reasons, ())


@pytest.fixture
def landed() -> Landed:
    """600 held files of two feeds and three causes, 50 unfinished ones, and 20 that came before."""
    threshold = "{} of 100 rows break the contract ({}.0%); it allows 5.0%."
    return Landed(
        deliveries=[
            *(held("syp_crimes", number, threshold.format(number, number), *map(str, range(9))) for number in range(300)),
            *(held("syp_crimes", number, "Column 'A' is missing.") for number in range(300, 500)),
            *(held("marac_cases", number, "Column 'A' is missing.") for number in range(500, 600)),
        ],
        repeats=[f"syp_crimes/again_{number}.csv: the same bytes landed before" for number in range(20)],
        problems=[Problem(f"/srv/srp/inbox/syp_crimes/{number}.part", "Still being written.") for number in range(50)],
    )  # fmt: skip


def test_a_feed_and_a_cause_are_one_message(landed: Landed) -> None:
    assert [message.lines()[0].split(": ")[:3] for message in messages(landed)] == [
        ["Held", "syp_crimes", "300 files"],
        ["Held", "syp_crimes", "200 files"],
        ["Held", "marac_cases", "100 files"],
        ["Left", "syp_crimes", "50 files"],
        ["Received before, nothing to do", "20 files", "syp_crimes/again_0.csv, syp_crimes/again_1.csv, syp_crimes/again_2.csv and 17 more"],
    ]  # fmt: skip


def test_the_first_names_and_reasons_stand_for_all(landed: Landed) -> None:
    lines = messages(landed)[0].lines()
    assert lines[0].endswith("syp_crimes_000.csv, syp_crimes_001.csv, syp_crimes_002.csv and 297 more")
    assert lines[-1] == "  and 7 more reasons"


def test_600_held_files_print_less_than_2_kb(landed: Landed) -> None:
    assert sum(len(line) for message in messages(landed) for line in message.lines()) < 2_000
