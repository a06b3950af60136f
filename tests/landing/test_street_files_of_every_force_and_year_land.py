"""The open data as data.police.uk publishes them: of every month since December 2010, and of every force."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable

import pytest

from .room import Room

FEED = "police_uk_street"
ID = "0123456789abcdef" * 4


def row(month: str = "2024-05", crime_type: str = "Burglary", **changes: str) -> dict[str, str]:
    return {
        "Crime ID": ID,
        "Month": month,
        "Reported by": "South Yorkshire Police",
        "Falls within": "South Yorkshire Police",
        "Longitude": "-1.35",
        "Latitude": "53.43",
        "Location": "On or near High Street",
        "LSOA code": "E01007811",
        "LSOA name": "Rotherham 001A",
        "Crime type": crime_type,
        "Last outcome category": "",
        "Context": "",
    } | changes


def street(rows: Iterable[dict[str, str]], without: str = "") -> str:
    out = io.StringIO()
    names = [name for name in row() if name != without]
    writer = csv.DictWriter(out, names, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


@pytest.fixture
def room(rooms: Callable[..., Room]) -> Room:
    return rooms(FEED)


def test_a_file_without_the_always_empty_column_lands(room: Room) -> None:
    delivery = room.land_one(street([row()], without="Context"), "2024-05-x-street.csv", FEED)
    assert (delivery.accepted, delivery.warnings) == (1, ())
    assert room.raw("context", FEED) == [(None,)]


def test_another_column_may_not_be_left_out(room: Room) -> None:
    delivery = room.land_one(street([row()], without="Location"), "2024-05-x-street.csv", FEED)
    assert delivery.state == "held" and "'Location'" in delivery.reasons[0]


SIX = ["Anti-social behaviour", "Burglary", "Other crime", "Robbery", "Vehicle crime", "Violent crime"]
ELEVEN = [
    *SIX,
    "Criminal damage and arson",
    "Drugs",
    "Other theft",
    "Public disorder and weapons",
    "Shoplifting",
]


@pytest.mark.parametrize(
    ("month", "types"), [("2010-12", SIX), ("2011-08", SIX), ("2011-09", ELEVEN), ("2013-04", ELEVEN)]
)
def test_a_month_of_the_older_types_lands(room: Room, month: str, types: list[str]) -> None:
    rows = [row(month, crime_type, **{"Crime ID": ""}) for crime_type in types]
    delivery = room.land_one(street(rows), f"{month}-south-yorkshire-street.csv", FEED)
    assert (delivery.state, delivery.accepted) == ("accepted", len(types))


@pytest.mark.parametrize(
    ("month", "crime_type"),
    [
        ("2013-05", "Violent crime"),
        ("2013-05", "Public disorder and weapons"),
        ("2013-04", "Public order"),
        ("2013-04", "Violence and sexual offences"),
        ("2011-08", "Drugs"),
    ],
)
def test_a_type_of_another_time_is_quarantined(room: Room, month: str, crime_type: str) -> None:
    rows = [row(month)] * 30 + [row(month, crime_type)]
    room.land_one(street(rows), f"{month}-south-yorkshire-street.csv", FEED)
    ((_, _, reasons),) = [found for found in room.quarantine(FEED) if "row's day" in str(found[2])]
    assert reasons == ["Crime type: in the list police_uk_crime_types, and not on the row's day"]


def test_an_unknown_type_is_quarantined_for_one_reason(room: Room) -> None:
    room.land_one(street([*[row(**{"Crime ID": ""})] * 30, row(crime_type="Arson")]), "2024-05.csv", FEED)
    assert [reasons for *_, reasons in room.quarantine(FEED)] == [
        ["Crime type: not in the list police_uk_crime_types"]
    ]


def test_rows_of_the_british_transport_police_land_without_an_id(room: Room) -> None:
    btp = {
        "Crime ID": "",
        "Reported by": "British Transport Police",
        "Falls within": "British Transport Police",
    }
    delivery = room.land_one(street([row(**btp)] * 3), "2024-05-btp-street.csv", FEED)
    assert (delivery.state, delivery.accepted) == ("accepted", 3)


def test_anti_social_behaviour_has_no_outcome(room: Room) -> None:
    asb = row(crime_type="Anti-social behaviour", **{"Crime ID": ""})
    rows = [asb] * 30 + [asb | {"Last outcome category": "Under investigation"}]
    assert room.land_one(street(rows), "2024-05-x-street.csv", FEED).quarantined == 1


def test_a_crime_that_stands_thirteen_times_is_one_crime(room: Room) -> None:
    delivery = room.land_one(
        street([row()] * 13 + [row(**{"Crime ID": "f" * 64})]), "2022-08-x-street.csv", FEED
    )
    assert (delivery.rows_read, delivery.accepted, delivery.quarantined) == (14, 2, 12)
    assert delivery.state == "accepted"
    assert any("12 rows repeat a record" in warning for warning in delivery.warnings)


def test_of_a_crime_that_differs_in_place_the_last_row_counts(room: Room) -> None:
    rows = [row(**{"LSOA code": code}) for code in ("E01007811", "E01007812")]
    room.land_one(street(rows), "2024-05-x-street.csv", FEED)
    assert room.raw("lsoa_code, _line", FEED) == [("E01007812", 3)]
    ((line, text, (reason,)),) = room.quarantine(FEED)
    assert line == 2 and "E01007811" in text
    assert reason == "Reported by, Month, Crime ID: the record stands again on a later row, which counts"


def test_the_months_rows_are_those_that_count(room: Room) -> None:
    room.land_one(street([row()] * 13), "2022-08-x-street.csv", FEED)
    assert room.query("select rows_count from ledger.delivery_periods") == [(1,)]


@pytest.mark.parametrize(
    "other", [{"month": "2024-06"}, {"Reported by": "Derbyshire Constabulary"}, {"Crime ID": "f" * 64}]
)
def test_another_month_force_or_id_is_another_crime(room: Room, other: dict[str, str]) -> None:
    assert room.land_one(street([row(), row(**other)]), "2024-06-x-street.csv", FEED).accepted == 2


def test_rows_without_an_id_stay_separate_however_alike(room: Room) -> None:
    asb = row(crime_type="Anti-social behaviour", **{"Crime ID": ""})
    assert room.land_one(street([asb] * 5), "2024-05-x-street.csv", FEED).accepted == 5


def test_a_rule_that_every_row_breaks_is_called_perhaps_wrong(room: Room) -> None:
    rows = [row(**{"Crime ID": f"id {n}"}) for n in range(10)]
    delivery = room.land_one(street(rows), "2024-05-x-street.csv", FEED)
    assert delivery.state == "held"
    assert [r for r in delivery.reasons if "may be a wrong rule" in r and "Crime ID: not of the form" in r]


def test_a_rule_that_one_row_keeps_is_not(room: Room) -> None:
    rows = [row(**{"Crime ID": "x"})] * 9 + [row()]
    delivery = room.land_one(street(rows), "2024-05-x-street.csv", FEED)
    assert delivery.state == "held"
    assert not [r for r in delivery.reasons if "may be a wrong rule" in r]
