from __future__ import annotations

import gzip

import pytest

from .room import Room, archived, crime, crimes, text


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(room: Room, delimiter: str, end: str) -> None:
    assert room.land_one(text(crimes(3), delimiter, end)).accepted == 3
    assert room.raw("crime_ref, tags, _line") == [
        (f"SYP/24/{n:06d}", "knife;online", n + 1) for n in (1, 2, 3)
    ]


def test_a_byte_order_mark_is_no_part_of_the_header(room: Room) -> None:
    assert room.land_one(b"\xef\xbb\xbf" + text(crimes(2)).encode()).accepted == 2


def test_windows_1252_is_read_with_a_warning(room: Room) -> None:
    delivery = room.land_one(text([crime(**{"Complainant Surname": "Müller €"})]).encode("cp1252"))
    assert any("Windows-1252" in warning for warning in delivery.warnings)
    assert room.raw("complainant_surname") == [("Müller €",)]


def test_utf_8_is_read_without_a_warning(room: Room) -> None:
    assert room.land_one(text([crime(**{"Complainant Surname": "Müller €"})])).warnings == ()
    assert room.raw("complainant_surname") == [("Müller €",)]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_utf_16_is_read_and_told(room: Room, encoding: str, end: str) -> None:
    rows = [*crimes(30), crime(31, **{"Complainant Surname": "Łuczak"}), crime(32, Dwelling="?")]
    delivery = room.land_one(text(rows, end=end).encode(encoding))
    assert (delivery.accepted, delivery.quarantined) == (31, 1)
    assert any("Read as UTF-16" in warning for warning in delivery.warnings)
    assert room.raw("complainant_surname, _line")[-1] == ("Łuczak", 32)


def test_a_nul_in_utf_16_is_quarantined(room: Room) -> None:
    rows = [*crimes(30), crime(31, **{"Complainant Surname": "A\0B"})]
    room.land_one(text(rows).encode("utf-16"))
    assert [line for line, *_ in room.quarantine()] == [32]


def test_damaged_utf_16_is_held(room: Room) -> None:
    content = text(crimes(3)).encode("utf-16-le")
    delivery = room.land_one(b"\xff\xfe" + content[:200] + b"\x00\xdc\x41\x00" + content[200:])
    assert delivery.state == "held" and "UTF-16 and damaged" in delivery.reasons[0]


def test_bytes_of_neither_encoding_are_held_and_the_line_named(room: Room) -> None:
    content = text(crimes(3)).encode().replace(b"Ann", b"A\xff\x81", 2).replace(b"A\xff\x81", b"Ann", 1)
    delivery = room.land_one(content)
    assert delivery.state == "held" and "line 3 holds a byte" in delivery.reasons[0]


def test_no_final_line_end(room: Room) -> None:
    assert room.land_one(text(crimes(2)).rstrip("\n")).accepted == 2


def test_mixed_line_ends(room: Room) -> None:
    content = text(crimes(4)).replace("\n", "\r\n", 2)
    assert room.land_one(content).warnings == ()
    assert [line for _, line in room.raw()] == [2, 3, 4, 5]


def test_a_carriage_return_inside_quotes_is_told(room: Room) -> None:
    delivery = room.land_one(
        text([crime(**{"Complainant Address": "Flat 1\rHigh Street"}), crime(2)], end="\r\n")
    )
    assert delivery.accepted == 2
    assert any("carriage returns" in warning for warning in delivery.warnings)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_inside_quotes_stay_and_later_lines_are_exact(room: Room, end: str) -> None:
    rows = crimes(60)
    rows[1] = crime(2, **{"Complainant Address": "Flat 1\nHigh Street\nRotherham"})
    rows[3] = crime(4, Dwelling="perhaps")
    rows[5] = crime(6, **{"Complainant Address": "\n\n"})
    room.land_one(text(rows, end=end))
    assert room.raw("complainant_address")[1] == ("Flat 1\nHigh Street\nRotherham",)
    assert [line for _, line in room.raw()][:6] == [2, 3, 6, 8, 9, 12]
    assert [line for line, _, _ in room.quarantine()] == [7]


def test_blank_lines_are_no_rows_and_later_lines_are_exact(room: Room) -> None:
    lines = text(crimes(3)).splitlines()
    delivery = room.land_one("\n".join([lines[0], "", lines[1], "", "", lines[2], lines[3], "", ""]))
    assert (delivery.rows_read, delivery.accepted) == (3, 3)
    assert [line for _, line in room.raw()] == [3, 6, 7]


def test_an_unknown_column_may_hold_line_ends(room: Room) -> None:
    rows = [{**row, "Notes": "a\nb\n\nc"} for row in crimes(2)]
    assert room.land_one(text(rows)).accepted == 2
    assert [line for _, line in room.raw()] == [2, 6]


def test_gzip_is_read(room: Room) -> None:
    assert room.land_one(gzip.compress(text(crimes(5)).encode()), "crimes_2024-06-30.csv.gz").accepted == 5


def test_the_archive_keeps_the_bytes_as_they_came(room: Room) -> None:
    content = text([crime(**{"Complainant Surname": "Müller"})], ";", "\r\n").encode("cp1252")
    room.land_one(content)
    (kept,) = archived(room)
    assert kept.read_bytes() == content
