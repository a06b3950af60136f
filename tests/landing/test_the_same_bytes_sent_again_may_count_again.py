"""The same bytes sent again: nothing, or a resend that becomes the current delivery."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from .room import NOW, Room, crimes, text
from .test_street_files_of_every_force_and_year_land import FEED, row, street

Rooms = Callable[..., Room]
IMD = "ons_imd"
GOOD = "lsoa21_code,imd_rank,imd_decile,crime_decile\nE01000001,1,1,1\n"
BAD = "lsoa21_code,imd_rank,imd_decile,crime_decile\nE01000001,2,2,2\n"


def send(room: Room, content: str, name: str, feed: str, hours: int) -> list[str]:
    """What is told of repeats, where a file is sent that many hours after the first."""
    room.put(content, name, feed)
    return room.land(now=NOW + dt.timedelta(hours=hours)).repeats


def current(room: Room) -> list[tuple]:
    return room.query(
        "select file_name, extracted_at, right(sha256, 2) = '.2' from ledger.deliveries where state = 'accepted'"
        " order by extracted_at desc, landed_at desc, sha256 desc limit 1"
    )


def test_a_good_list_sent_again_after_a_bad_one_counts_from_when_it_was_sent(rooms: Rooms) -> None:
    room = rooms(IMD)
    send(room, GOOD, "imd_20260101.csv", IMD, 0)
    send(room, BAD, "imd_20260201.csv", IMD, 1)
    assert send(room, GOOD, "imd_20260101.csv", IMD, 2) == []
    assert current(room) == [("imd_20260101.csv", NOW + dt.timedelta(hours=2), True)]


def test_the_first_sending_stays_in_history(rooms: Rooms) -> None:
    room = rooms(IMD)
    for hours, content in enumerate((GOOD, BAD, GOOD)):
        send(room, content, f"imd_2026010{hours % 2 + 1}.csv", IMD, hours)
    query = "select extracted_at from ledger.deliveries order by extracted_at"
    assert [moment for (moment,) in room.query(query)] == [
        dt.datetime(2026, 1, 1),
        dt.datetime(2026, 1, 2),
        NOW + dt.timedelta(hours=2),
    ]


def test_a_list_sent_twice_with_nothing_between_is_a_repeat(rooms: Rooms) -> None:
    room = rooms(IMD)
    send(room, GOOD, "imd_20260101.csv", IMD, 0)
    (told,) = send(room, GOOD, "imd_20260101.csv", IMD, 1)
    assert "the same bytes landed" in told


def test_a_resend_lands_the_same_from_the_archive_alone(rooms: Rooms) -> None:
    room = rooms(IMD)
    for hours, content in enumerate((GOOD, BAD, GOOD)):
        send(room, content, "imd.csv", IMD, hours)
    before = room.query("select sha256, extracted_at, accepted_count from ledger.deliveries order by all")
    (room.root / "warehouse" / "landing.duckdb").unlink()
    room.land(now=NOW + dt.timedelta(days=9))
    assert (
        room.query("select sha256, extracted_at, accepted_count from ledger.deliveries order by all")
        == before
    )


def test_records_sent_again_under_the_same_day_change_nothing(room: Room) -> None:
    send(room, text(crimes(1)), "crimes_2024-06-30.csv", "syp_crimes", 0)
    send(room, text(crimes(2)), "crimes_2024-07-30.csv", "syp_crimes", 1)
    assert send(room, text(crimes(1)), "again_2024-06-30.csv", "syp_crimes", 2) != []


def test_records_sent_again_under_a_later_day_count_from_that_day(room: Room) -> None:
    send(room, text(crimes(1)), "crimes_2024-06-30.csv", "syp_crimes", 0)
    assert send(room, text(crimes(1)), "crimes_2024-08-30.csv", "syp_crimes", 1) == []
    assert current(room) == [("crimes_2024-08-30.csv", dt.datetime(2024, 8, 30), True)]


@pytest.mark.parametrize("name", ["2024-05-x-street.csv", "2024-05-x-street 2024-08-01.csv"])
def test_a_month_sent_again_after_a_bad_one_counts_and_the_next_archive_comes_after_it(
    rooms: Rooms, name: str
) -> None:
    room, good = rooms(FEED), street([row("2024-05")])
    send(room, good, "2024-05-x-street.csv", FEED, 0)
    send(room, street([row("2024-05", **{"LSOA code": "E01007812"})]), "2024-05-y-street.csv", FEED, 1)
    assert send(room, good, name, FEED, 2) == []
    assert current(room)[0][::2] == (name, True)
    send(room, street([row("2024-05"), row("2024-08")]), "2024-08-x-street.csv", FEED, 3)
    assert current(room)[0][0] == "2024-08-x-street.csv"
