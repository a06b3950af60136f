"""ONS Open Geography's lookups: byte order mark, headers in capitals, and the year of the edition in their digits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from .room import Room

Rooms = Callable[..., Room]
YEARS = range(21, 27)

WARDS = "LSOA21CD,LSOA21NM,LSOA21NMW,WD{0}CD,WD{0}NM,WD{0}NMW,LAD{0}CD,LAD{0}NM,ObjectId"
WARD = "E01007811,Rotherham 001A,,E05013851,Rother Vale,,E08000018,Rotherham,1"
CHANGES = "LSOA11CD,LSOA11NM,LSOA21CD,LSOA21NM,CHGIND,LAD{0}CD,LAD{0}NM,LAD{0}NMW,ObjectId"
CHANGE = "E01007811,Rotherham 001A,E01007811,Rotherham 001A,{1},E08000018,Rotherham,,1"
FORCES = "LAD{0}CD,LAD{0}NM,CSP{0}CD,CSP{0}NM,PFA{0}CD,PFA{0}NM,ObjectId"
FORCE = "E08000018,Rotherham,E22000261,Rotherham,E23000011,South Yorkshire,1"


def download(header: str, row: str, year: int = 24, change: str = "U") -> str:
    return "\ufeff" + header.format(year) + "\r\n" + row.format(year, change) + "\r\n"


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize(
    ("feed", "header", "row", "columns", "landed"),
    [
        (
            "ons_lsoa_ward_lad",
            WARDS,
            WARD,
            "lsoa21_code, lsoa21_name, ward_code, ward_name, district_code, district_name",
            ("E01007811", "Rotherham 001A", "E05013851", "Rother Vale", "E08000018", "Rotherham"),
        ),
        (
            "ons_lsoa_2011_2021",
            CHANGES,
            CHANGE,
            "lsoa11_code, lsoa21_code, change_code, district_code, district_name",
            ("E01007811", "E01007811", "U", "E08000018", "Rotherham"),
        ),
        (
            "ons_lad_csp_pfa",
            FORCES,
            FORCE,
            "district_code, csp_code, csp_name, force_code, force_name",
            ("E08000018", "E22000261", "Rotherham", "E23000011", "South Yorkshire"),
        ),
    ],
)
def test_a_download_of_any_edition_lands_without_a_warning_of_its_header(
    rooms: Rooms, feed: str, header: str, row: str, columns: str, landed: tuple[str, ...], year: int
) -> None:
    room = rooms(feed)
    delivery = room.land_one(download(header, row, year), "Lookup_in_EW_20260102.csv", feed)
    assert (delivery.state, delivery.warnings) == ("accepted", ())
    assert room.raw(columns, feed) == [landed]


@pytest.mark.parametrize("change", ["U", "S", "M", "X"])
def test_each_kind_of_change_of_an_lsoa_is_known(rooms: Rooms, change: str) -> None:
    room = rooms("ons_lsoa_2011_2021")
    assert room.land_one(download(CHANGES, CHANGE, 22, change), "l.csv", "ons_lsoa_2011_2021").accepted == 1


def test_a_newer_edition_replaces_an_older_one_that_arrives_later(rooms: Rooms) -> None:
    room = rooms("ons_lsoa_ward_lad")
    for year in (26, 21):
        room.put(download(WARDS, WARD, year), f"lookup_{year}.csv", "ons_lsoa_ward_lad")
        room.land()
    query = "select file_name, extracted_at from ledger.deliveries order by extracted_at"
    assert room.query(query) == [
        ("lookup_21.csv", dt.datetime(2021, 1, 1)),
        ("lookup_26.csv", dt.datetime(2026, 1, 1)),
    ]


def test_a_day_in_the_name_comes_before_the_edition(rooms: Rooms) -> None:
    room = rooms("ons_lsoa_ward_lad")
    room.land_one(download(WARDS, WARD, 21), "lookup_20240131.csv", "ons_lsoa_ward_lad")
    assert room.query("select extracted_at from ledger.deliveries") == [(dt.datetime(2024, 1, 31),)]


def test_two_columns_under_names_of_one_are_held(rooms: Rooms) -> None:
    room = rooms("ons_lsoa_ward_lad")
    both = download(WARDS + ",LAD22CD", WARD + ",E08000018")
    delivery = room.land_one(both, "lookup.csv", "ons_lsoa_ward_lad")
    assert delivery.state == "held"
    assert "'LAD24CD' and 'LAD22CD'" in delivery.reasons[0]


def test_a_header_of_another_table_names_no_column(rooms: Rooms) -> None:
    room = rooms("ons_lsoa_ward_lad")
    other = download(WARDS.replace("WD{0}CD", "OLDWD{0}CD"), WARD)
    assert room.land_one(other, "lookup.csv", "ons_lsoa_ward_lad").state == "held"
