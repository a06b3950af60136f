from __future__ import annotations

import datetime as dt
import gzip
import io
import random
import struct
import zipfile
from collections.abc import Callable

import pytest

from dagster_srp.landing.packed import Limits

from .room import Room, crimes, text

STREET = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
    "Last outcome category,Context\n"
)
OUTCOMES = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Outcome type\n"
)
PLACE = "South Yorkshire Police,South Yorkshire Police,-1.35,53.43,On or near High Street,E01007811,Rotherham 001A"


def asb(month: str, count: int = 1) -> str:
    return STREET + f",{month},{PLACE},Anti-social behaviour,,\n" * count


def outcome(month: str) -> str:
    return OUTCOMES + f"{'a' * 64},{month},{PLACE},Unable to prosecute suspect\n"


def packed(members: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def street(month: str) -> str:
    return f"{month}/{month}-south-yorkshire-street.csv"


@pytest.fixture
def police(rooms: Callable[..., Room]) -> Room:
    return rooms("police_uk_street", "police_uk_outcomes")


def _held(police: Room, content: bytes, name: str = "2024-06_x.zip") -> str:
    delivery = police.land_one(content, name, "police_uk_street")
    assert delivery.state == "held" and police.raw("*", "police_uk_street") == []
    return " ".join(delivery.reasons)


@pytest.mark.parametrize(
    "name", ["../evil.csv", "/etc/evil.csv", "a/../../evil.csv", "C:\\evil.csv", "\\\\host\\x.csv"]
)
def test_a_path_outside_the_zip_is_held(police: Room, name: str) -> None:
    assert "outside the archive" in _held(police, packed({name: "x", street("2024-06"): asb("2024-06")}))
    assert not list(police.root.parent.rglob("evil*"))


def test_a_bomb_is_held_by_its_ratio(police: Room) -> None:
    assert "refused as a bomb" in _held(police, packed({street("2024-06"): asb("2024-06", 200_000)}))


def test_a_bomb_is_held_by_its_size(police: Room) -> None:
    police.limits = Limits(max_bytes=100_000, max_ratio=10_000)
    assert "refused as a bomb" in _held(police, packed({street("2024-06"): asb("2024-06", 2_000)}))


def test_a_zip_that_declares_a_smaller_size_than_it_unpacks_to_is_held(police: Room) -> None:
    content = asb("2024-06", 1_000)
    whole = packed({street("2024-06"): content})
    lie = whole.replace(struct.pack("<I", len(content)), struct.pack("<I", 4_000))
    assert lie != whole
    assert "cannot be unpacked" in _held(police, lie)


def test_a_nested_zip_is_held(police: Room) -> None:
    inner = packed({"x.csv": "x"})
    assert "inside the archive" in _held(
        police, packed({"inner.zip": inner, street("2024-06"): asb("2024-06")})
    )


def test_an_encrypted_zip_is_held(police: Room) -> None:
    whole = bytearray(packed({street("2024-06"): asb("2024-06")}))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        whole[whole.index(mark) + at] |= 1
    assert "encrypted" in _held(police, bytes(whole))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_held(police: Room) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(street("2024-06"), asb("2024-06"))
        archive.writestr(street("2024-06"), asb("2024-06", 2))
    assert "Two members are named" in _held(police, out.getvalue())


def test_a_zip_without_members_of_the_contract_is_held(police: Room) -> None:
    assert "No member of the zip is named" in _held(police, packed({"readme.csv": "x"}))


def test_a_file_that_is_not_what_its_name_says_is_held(police: Room) -> None:
    assert "not a zip file" in _held(police, asb("2024-06").encode())


@pytest.mark.parametrize("seed", range(20))
def test_a_damaged_zip_is_held_or_read_but_never_breaks_landing(police: Room, seed: int) -> None:
    whole = bytearray(packed({street("2024-06"): asb("2024-06", 30)}))
    chance = random.Random(seed)
    for _ in range(4):
        whole[chance.randrange(4, len(whole))] = chance.randrange(256)
    police.put(bytes(whole), "2024-06_x.zip", "police_uk_street")
    assert police.land().deliveries[0].state in ("held", "accepted")


def test_a_gzip_bomb_is_held(room: Room) -> None:
    room.limits = Limits(max_bytes=1 << 40, max_ratio=20)
    content = gzip.compress(text([]).encode() + b"x" * 30_000_000)
    assert "refused as a bomb" in room.land_one(content, "crimes_2024-06-30.csv.gz").reasons[0]


def test_a_truncated_gzip_is_held(room: Room) -> None:
    content = gzip.compress(text(crimes(500)).encode())
    assert "Not a whole gzip" in room.land_one(content[:-200], "crimes_2024-06-30.csv.gz").reasons[0]


def test_one_zip_serves_street_and_outcomes(police: Room) -> None:
    members = {
        street("2024-06"): asb("2024-06", 3),
        "2024-06/2024-06-south-yorkshire-outcomes.csv": outcome("2024-06"),
    }
    police.put(packed(members), "2024-06_south-yorkshire.zip", "police_uk_street")
    landed = police.land()
    assert sorted((d.feed, d.accepted) for d in landed.deliveries) == [
        ("police_uk_outcomes", 1),
        ("police_uk_street", 3),
    ]


def test_identical_rows_without_a_key_are_separate(police: Room) -> None:
    police.land_one(packed({street("2024-06"): asb("2024-06", 3)}), "2024-06_x.zip", "police_uk_street")
    assert len(police.raw("*", "police_uk_street")) == 3


def test_rows_know_their_member_and_their_line_in_it(police: Room) -> None:
    members = {
        street("2024-04"): asb("2024-04", 2),
        street("2024-05"): asb("2024-05", 0),
        street("2024-06"): asb("2024-06"),
    }
    police.land_one(packed(members), "2024-06_x.zip", "police_uk_street")
    expected = [(street("2024-04"), 2), (street("2024-04"), 3), (street("2024-06"), 2)]
    assert police.raw("_member, _line", "police_uk_street") == expected


def test_members_that_differ_are_read_one_by_one(police: Room) -> None:
    bad = asb("2024-05", 30) + "ragged,line\n\n" + asb("2024-05").splitlines()[1] + "\n"
    members = {
        street("2024-04"): asb("2024-04", 30),
        street("2024-05"): bad,
        street("2024-06"): asb("2024-06").replace("\n", "\r\n"),
    }
    delivery = police.land_one(packed(members), "2024-06_x.zip", "police_uk_street")
    assert (delivery.rows_read, delivery.quarantined) == (63, 1)
    assert police.query("select _member, _line from quarantine.police_uk_street") == [(street("2024-05"), 32)]
    assert police.raw("_member, _line", "police_uk_street")[-2:] == [
        (street("2024-05"), 34),
        (street("2024-06"), 2),
    ]


@pytest.mark.parametrize(
    ("name", "moment"),
    [("2024-08_south-yorkshire.zip", dt.datetime(2024, 8, 31)), ("archive.zip", dt.datetime(2024, 6, 30))],
)
def test_an_archive_speaks_for_its_name_else_for_its_last_month(
    police: Room, name: str, moment: dt.datetime
) -> None:
    members = {street("2024-05"): asb("2024-05"), street("2024-06"): asb("2024-06")}
    police.land_one(packed(members), name, "police_uk_street")
    assert police.query("select extracted_at from ledger.deliveries") == [(moment,)]


def test_each_month_of_a_force_is_in_the_ledger(police: Room) -> None:
    members = {street("2024-05"): asb("2024-05", 2), street("2024-06"): asb("2024-06")}
    police.land_one(packed(members), "2024-06_x.zip", "police_uk_street")
    assert police.query("select month, rows_count from ledger.delivery_periods order by 1") == [
        (dt.date(2024, 5, 1), 2),
        (dt.date(2024, 6, 1), 1),
    ]


CRIME_IDS = [f"{n:064x}" for n in range(20)]


def robberies(month: str) -> str:
    """Twenty crimes of the month, each with its own ID."""
    return STREET + "".join(f"{ref},{month},{PLACE},Robbery,,\n" for ref in CRIME_IDS)


def test_a_member_named_for_another_month_than_its_rows_is_told_and_its_crimes_count_once(
    police: Room,
) -> None:
    members = {street("2025-07"): robberies("2025-07"), street("2025-08"): robberies("2025-07")}
    delivery = police.land_one(packed(members), "2025-08_x.zip", "police_uk_street")
    assert (delivery.rows_read, delivery.accepted, delivery.quarantined) == (40, 20, 20)
    (told,) = [w for w in delivery.warnings if "is named for" in w]
    assert told.startswith(f"{street('2025-08')} is named for 2025-08, and 20 of its rows are of 2025-07")


def test_a_file_alone_that_is_named_for_another_month_is_told(police: Room) -> None:
    name = "2025-08-south-yorkshire-street.csv"
    delivery = police.land_one(robberies("2025-07"), name, "police_uk_street")
    assert delivery.accepted == 20 and delivery.warnings[0].startswith(f"{name} is named for 2025-08")


@pytest.mark.parametrize("folder", ["2024-06\\", "", "all/2024/", ".\\2024-06\\"])
def test_folders_of_any_making_or_none_are_read(police: Room, folder: str) -> None:
    name = f"{folder}2024-06-south-yorkshire-street.csv"
    delivery = police.land_one(packed({name: asb("2024-06", 3)}), "2024-06_x.zip", "police_uk_street")
    assert (delivery.accepted, delivery.warnings) == (3, ())


def test_a_file_that_stands_in_two_folders_is_held(police: Room) -> None:
    members = {street("2024-06"): asb("2024-06"), street("2024-06").split("/")[1]: asb("2024-06")}
    assert "have one name" in _held(police, packed(members))


def test_members_that_no_feed_takes_are_named(police: Room) -> None:
    others = {"readme.txt": "x", "2024-06/2024-06-south-yorkshire-stop-and-search.csv": "x"}
    members = {
        street("2024-06"): asb("2024-06"),
        street("2024-06").replace("street", "outcomes"): outcome("2024-06"),
    }
    police.put(packed(members | others), "2024-06_x.zip", "police_uk_street")
    told = {d.feed: d.warnings for d in police.land().deliveries}
    assert set(told) == {"police_uk_street", "police_uk_outcomes"}
    for (warning,) in told.values():
        assert "no feed takes (2)" in warning and all(repr(name) in warning for name in others)
