"""A delivery whose form is right and whose content its feed's own history cannot explain waits for a person."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from dagster_srp.contracts import Contract
from dagster_srp.gates.doubt import doubt_new
from dagster_srp.landing.decisions import Decision, DecisionLog, now
from tests.landing.room import Room, crime, text

WARDS = ("E05013851", "E05013852", "E05013853", "E05013854")
MONTHS = 18
Rows = list[dict[str, str]]


class Feed:
    """A feed that is delivered a month at a time, each month judged when it comes."""

    def __init__(self, room: Room, name: str) -> None:
        self.room, self.name = room, name

    def send(self, file_name: str, content: str) -> tuple[str, str]:
        """The state of the delivery once it is judged, and why."""
        self.room.put(content, file_name, self.name)
        self.room.land()
        with closing(self.room.open()) as connection:
            doubt_new(connection, self.room.contracts, self.room.root / "archive")
        ((state, reasons),) = self.room.query(
            f"select state, array_to_string(reasons, ' ') from ledger.deliveries where file_name = '{file_name}'"
        )
        return state, reasons


def month(number: int) -> dt.date:
    return dt.date(2023 + number // 12, number % 12 + 1, 1)


def crimes_of(number: int, rng: Random, size: int = 400) -> Rows:
    """A month's crimes, a few more or fewer: a third tagged, a twelfth with a strand, in four wards, on all its days."""
    day = month(number)
    return [
        crime(
            number * 10_000 + at,
            **{
                "Recorded Date": f"{day.replace(day=1 + at % 28):%d/%m/%Y}",
                "Committed From": f"{day:%d/%m/%Y}",
                "Tags": "domestic_abuse" if at % 3 == 0 else "",
                "Hate Strands": "race" if at % 12 == 0 else "",
                "Ward Code": WARDS[rng.randrange(4)],
            },
        )
        for at in range(size + rng.randrange(-size // 10, size // 10 + 1))
    ]


def named(number: int) -> str:
    return f"crimes_{month(number + 1).replace(day=3):%Y-%m-%d}.csv"


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory, contracts: dict[str, Contract]) -> Path:
    """Eighteen months of recorded crime, all of which passed."""
    feed = Feed(Room(tmp_path_factory.mktemp("doubt"), {"syp_crimes": contracts["syp_crimes"]}), "syp_crimes")
    rng = Random(1)
    assert [feed.send(named(n), text(crimes_of(n, rng)))[0] for n in range(MONTHS)] == ["accepted"] * MONTHS
    return feed.room.root


@pytest.fixture
def police(history: Path, tmp_path: Path, contracts: dict[str, Contract]) -> Feed:
    """A copy of it, to which a test sends the next month."""
    shutil.copytree(history, tmp_path / "home")
    return Feed(Room(tmp_path / "home", {"syp_crimes": contracts["syp_crimes"]}), "syp_crimes")


@pytest.fixture
def rooms(tmp_path: Path, contracts: dict[str, Contract]) -> Callable[..., Room]:
    """Makes landing rooms for the feeds named."""
    return lambda *feeds: Room(tmp_path / "home", {feed: contracts[feed] for feed in feeds})


def next_month() -> Rows:
    return crimes_of(MONTHS, Random(2))


def changed(rows: Rows, **changes: str) -> Rows:
    return [{**row, **{name.replace("_", " "): value for name, value in changes.items()}} for row in rows]


def again(rows: Rows) -> Rows:
    """The same crimes under new references."""
    return [{**row, "Crime Reference": f"SYP/24/{900_000 + at}"} for at, row in enumerate(rows)]


FAULTS: Mapping[str, tuple[Callable[[Rows], Rows], str]] = {
    "half of its rows": (lambda rows: rows[::2], "rows; the"),
    "cut after the 10th": (
        lambda rows: [row for row in rows if int(row["Recorded Date"][:2]) <= 10],
        "days in a row without a row",
    ),
    "every row twice under new references": (lambda rows: rows + again(rows), "rows; the"),
    "strands empty": (lambda rows: changed(rows, Hate_Strands=""), "hate_strands: no row"),
    "tags empty": (lambda rows: changed(rows, Tags=""), "tags: no row"),
    "every row in one ward": (lambda rows: changed(rows, Ward_Code=WARDS[0]), "ward_code: no row"),
    "no row at all": (lambda rows: [], "has 0 rows"),
}


@pytest.mark.parametrize(("fault", "reason"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_of_form_free_content_is_doubted_with_its_reason(
    police: Feed, fault: Callable[[Rows], Rows], reason: str
) -> None:
    state, reasons = police.send(named(MONTHS), text(fault(next_month())))
    assert state == "doubted" and reason in reasons


def test_a_sound_month_passes(police: Feed) -> None:
    assert police.send(named(MONTHS), text(next_month())) == ("accepted", "")


def test_a_column_that_is_full_for_once_passes(police: Feed) -> None:
    rows = [{**row, "Tags": row["Tags"] or "online"} for row in next_month()]
    assert police.send(named(MONTHS), text(rows)) == ("accepted", "")


def test_a_doubt_says_what_it_would_move_and_what_to_do(police: Feed) -> None:
    _, reasons = police.send(named(MONTHS), text(next_month()[::2]))
    assert "all_crime_rotherham" in reasons and "srp decide 19 accept" in reasons


def test_a_doubt_holds_no_value_of_a_person(police: Feed) -> None:
    _, reasons = police.send(named(MONTHS), text(changed(next_month(), Tags="", Ward_Code=WARDS[0])))
    assert not any(word in reasons for word in ("Example", "High Street", "S60"))


def test_a_correction_of_old_months_passes(police: Feed) -> None:
    police.send(named(MONTHS), text(next_month()))
    few = crimes_of(3, Random(3))[:5]
    assert police.send("crimes_2024-08-20.csv", text(few))[0] == "accepted"


def test_a_resend_of_everything_passes(police: Feed) -> None:
    rng = Random(1)
    rows = [row for number in range(MONTHS) for row in crimes_of(number, rng)]
    assert police.send(named(MONTHS), text([*rows, *next_month()]))[0] == "accepted"


def test_an_accepted_doubt_is_counted_and_not_doubted_again(police: Feed) -> None:
    police.send(named(MONTHS), text(next_month()[::2]))
    log = DecisionLog(police.room.root / "archive")
    (doubted,) = [d for d in log.standing().values() if d.state == "doubted"]
    log.record([Decision("syp_crimes", doubted.sha256, "accepted", "a person", now(), ("A lockdown.",))])
    (police.room.root / "warehouse" / "landing.duckdb").unlink()
    police.room.land()
    assert police.room.query("select distinct state from ledger.deliveries") == [("accepted",)]


def test_a_first_load_is_not_judged(rooms: Callable[..., Room]) -> None:
    feed = Feed(rooms("syp_crimes"), "syp_crimes")
    rng = Random(1)
    for number in range(MONTHS):
        feed.room.put(text(crimes_of(number, rng)), named(number))
    assert feed.send(named(MONTHS), text(next_month()[::9]))[0] == "accepted"


def test_a_small_feed_may_halve_by_chance(rooms: Callable[..., Room]) -> None:
    feed = Feed(rooms("syp_crimes"), "syp_crimes")
    rng = Random(4)
    for number in range(MONTHS):
        feed.send(named(number), text(crimes_of(number, rng, size=20)))
    assert feed.send(named(MONTHS), text(crimes_of(MONTHS, rng, size=20)[::2]))[0] == "accepted"


def street(rows: int, months: Sequence[str]) -> str:
    lines = [
        f"{'' if at % 3 else format(at, '064x')},{month},South Yorkshire Police,South Yorkshire Police,-1.3,53.4,"
        f"On or near High Street,E01007811,Rotherham 001A,{'Burglary' if at % 3 == 0 else 'Anti-social behaviour'},"
        f"{'Under investigation' if at % 3 == 0 else ''},"
        for month in months
        for at in range(rows)
    ]
    header = (
        "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
        "Last outcome category,Context"
    )
    return "\n".join([header, *lines]) + "\n"


def test_a_restatement_that_loses_nearly_all_of_a_month_is_doubted(rooms: Callable[..., Room]) -> None:
    feed = Feed(rooms("police_uk_street"), "police_uk_street")
    assert feed.send("2025-06-south-yorkshire-street.csv", street(300, ["2025-06"]))[0] == "accepted"
    state, reasons = feed.send("2025-07_restated-south-yorkshire-street.csv", street(5, ["2025-06"]))
    assert state == "doubted" and "restated from 300 rows to 5" in reasons


def test_a_restatement_that_keeps_most_of_a_month_passes(rooms: Callable[..., Room]) -> None:
    feed = Feed(rooms("police_uk_street"), "police_uk_street")
    feed.send("2025-06-south-yorkshire-street.csv", street(300, ["2025-06"]))
    assert feed.send("2025-07_restated-south-yorkshire-street.csv", street(280, ["2025-06"]))[0] == "accepted"
