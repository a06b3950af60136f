"""Which of two deliveries counts: the one extracted later; of one moment, the one that arrived later."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable

import pytest

from dagster_srp.landing import Landed

from .room import NOW, Room, crime, crimes, text
from .test_street_files_of_every_force_and_year_land import FEED, ID, row, street

Rooms = Callable[..., Room]
RANGE = "crimes 2024-04-01 to 2024-09-30.csv"


def moments(room: Room) -> list[dt.datetime]:
    return [
        moment for (moment,) in room.query("select extracted_at from ledger.deliveries order by delivery_no")
    ]


def overtaken(landed: Landed) -> list[str]:
    return [problem.where for problem in landed.overtaken]


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("crimes_20240630T1530.csv", dt.datetime(2024, 6, 30, 15, 30)),
        ("crimes_2024-06-30T15:30:05.csv", dt.datetime(2024, 6, 30, 15, 30, 5)),
        ("crimes_20240630_153005.csv", dt.datetime(2024, 6, 30, 15, 30, 5)),
        ("crimes_20240630153005.csv", dt.datetime(2024, 6, 30, 15, 30, 5)),
        ("crimes_20240630_0001.csv", dt.datetime(2024, 6, 30)),
        ("crimes_20240630_part2.csv", dt.datetime(2024, 6, 30)),
        (RANGE, dt.datetime(2024, 9, 30)),
    ],
)
def test_a_name_gives_its_last_day_and_the_time_after_it(room: Room, name: str, moment: dt.datetime) -> None:
    room.land_one(text(crimes(1)), name)
    assert moments(room) == [moment]


def test_a_range_in_a_name_is_told(room: Room) -> None:
    delivery = room.land_one(text(crimes(1)), RANGE)
    assert any("2024-04-01 and 2024-09-30" in warning for warning in delivery.warnings)


def test_a_day_after_the_arrival_dates_nothing_and_is_told(room: Room) -> None:
    delivery = room.land_one(text(crimes(1)), "crimes_2062-06-30.csv")
    assert moments(room) == [NOW]
    assert any("2062-06-30" in warning and "after it arrived" in warning for warning in delivery.warnings)


def test_few_rows_later_than_their_extract_are_quarantined(room: Room) -> None:
    rows = [*crimes(40), crime(41, **{"Recorded Date": "14/06/2025", "Committed From": "13/06/2025"})]
    delivery = room.land_one(text(rows), "crimes_2024-06-30.csv")
    assert (delivery.state, delivery.accepted, delivery.quarantined) == ("accepted", 40, 1)
    assert moments(room) == [dt.datetime(2024, 6, 30)]
    ((_, _, (reason,)),) = room.quarantine()
    assert reason == "Recorded Date: later than the day on which the extract was taken"


def test_an_extract_of_later_rows_than_its_name_is_dated_at_its_last_record(room: Room) -> None:
    delivery = room.land_one(text(crimes(3)), "crimes_from_2024-04-01.csv")
    assert moments(room) == [dt.datetime(2024, 6, 14)]
    assert any("3 of 3 rows are later than 2024-04-01" in warning for warning in delivery.warnings)


def test_rows_later_than_the_arrival_hold_the_delivery(room: Room) -> None:
    days = {"Recorded Date": "14/06/2031", "Committed From": "13/06/2031"}
    delivery = room.land_one(text([crime(n, **days) for n in range(3)]), "crimes_2024-06-30.csv")
    assert delivery.state == "held" and "when it arrived" in delivery.reasons[0]


def test_files_that_wait_together_arrive_in_the_order_of_their_writing(room: Room) -> None:
    names = ["crimes_2024-06-30.csv", "crimes_2024-06-30_corrected.csv", "crimes_2024-06-30_again.csv"]
    for second, name in enumerate(names):
        path = room.put(text([crime(1, **{"Complainant Forename": name[:25]})]), name)
        os.utime(path, (1_700_000_000 + second, 1_700_000_000 + second))
    room.land()
    receipts = sorted((room.root / "archive" / "deliveries" / "syp_crimes").iterdir(), key=os.path.getmtime)
    assert [name for receipt in receipts for name in names if f'"{name}"' in receipt.read_text()] == names


def test_a_delivery_that_changes_nothing_says_so(room: Room) -> None:
    room.land_one(text(crimes(3)), "crimes_2024-06-30.csv")
    room.put(text([crime(2, Tags="knife")]), "crimes_2024-06-20.csv")
    landed = room.land()
    assert overtaken(landed) == ["syp_crimes/crimes_2024-06-20.csv"]
    assert "crimes_2024-06-30.csv" in landed.overtaken[0].what


def test_a_late_delivery_with_a_record_of_its_own_says_nothing(room: Room) -> None:
    room.land_one(text(crimes(3)), "crimes_2024-06-30.csv")
    room.put(text(crimes(4)), "crimes_2024-06-20.csv")
    assert overtaken(room.land()) == []


def test_deliveries_that_arrive_together_say_nothing(room: Room) -> None:
    for day in (30, 20, 25):
        room.put(text([crime(1, Tags="knife" if day == 20 else "")]), f"crimes_2024-06-{day}.csv")
    assert overtaken(room.land()) == []


def test_a_month_by_itself_that_an_archive_holds_says_so(rooms: Rooms) -> None:
    room = rooms(FEED)
    room.land_one(street([row("2024-04"), row("2024-06")]), "2024-06-south-yorkshire-street.csv", FEED)
    correction = street([row("2024-04", **{"LSOA code": "E01007812"})])
    room.put(correction, "2024-04-south-yorkshire-street.csv", FEED)
    (problem,) = room.land().overtaken
    assert problem.where == f"{FEED}/2024-04-south-yorkshire-street.csv"
    assert "YYYY-MM-DD" in problem.what


def test_a_month_by_itself_with_the_day_of_its_download_counts(rooms: Rooms) -> None:
    room = rooms(FEED)
    room.land_one(street([row("2024-04"), row("2024-06")]), "2024-06-south-yorkshire-street.csv", FEED)
    room.put(street([row("2024-04", **{"Crime ID": ID[::-1]})]), "2024-04-x-street 2024-07-15.csv", FEED)
    assert room.land().overtaken == []
    assert moments(room) == [dt.datetime(2024, 6, 30), dt.datetime(2024, 7, 15)]
