from __future__ import annotations

import pytest

from .room import Room, archived, crime, crimes, text


def _without(header: str) -> str:
    return text([{name: value for name, value in crime().items() if name != header}])


def _renamed(old: str, new: str) -> str:
    return text([crime()]).replace(old, new, 1)


def test_a_missing_column_holds_the_delivery_and_is_named(room: Room) -> None:
    delivery = room.land_one(_without("Dwelling"))
    assert delivery.state == "held"
    assert (
        len(delivery.reasons) == 1 and "Column 'Dwelling' of the contract is missing." in delivery.reasons[0]
    )
    assert room.raw() == [] and len(archived(room)) == 1


def test_every_missing_column_is_listed(room: Room) -> None:
    rows = [{n: v for n, v in crime().items() if n not in ("Tags", "LA Code")}]
    assert len(room.land_one(text(rows)).reasons) == 2


@pytest.mark.parametrize("new", ["Crime Ref", "CRIME REFERENCE", "crime_reference"])
def test_a_renamed_column_is_held_with_a_hint(room: Room, new: str) -> None:
    delivery = room.land_one(_renamed("Crime Reference", new))
    assert delivery.state == "held"
    assert f"The header has {new!r}" in delivery.reasons[0] and "renamed?" in delivery.reasons[0]


def test_an_extra_column_is_told_not_loaded_and_kept_in_the_archive(room: Room) -> None:
    content = text([{**crime(), "Officer": "PC 12"}])
    delivery = room.land_one(content)
    assert (delivery.state, delivery.accepted) == ("accepted", 1)
    assert any("Officer" in warning for warning in delivery.warnings)
    assert archived(room)[0].read_text() == content


def test_a_quarantined_row_keeps_its_extra_columns(room: Room) -> None:
    rows = [{**crime(n), "Officer": f"PC {n}"} for n in range(1, 30)] + [
        {**crime(30, Dwelling="x"), "Officer": "PC 30"}
    ]
    room.land_one(text(rows))
    ((_, row, _),) = room.quarantine()
    assert '"PC 30"' in row


def test_reordered_columns_are_read_by_name(room: Room) -> None:
    rows = [dict(reversed(list(row.items()))) for row in crimes(3)]
    assert room.land_one(text(rows)).accepted == 3
    assert room.raw("crime_ref, ward_code")[0] == ("SYP/24/000001", "E05013851")


def test_a_column_that_stands_twice_holds_the_delivery(room: Room) -> None:
    content = "\n".join(f"{row},{row.split(',')[0]}" for row in text([crime()]).splitlines())
    assert "stands twice" in room.land_one(content).reasons[0]


def test_header_only_is_accepted_with_a_warning(room: Room) -> None:
    delivery = room.land_one(text([]))
    assert (delivery.state, delivery.rows_read) == ("accepted", 0)
    assert any("no rows" in warning for warning in delivery.warnings)


def test_a_header_without_a_line_end_is_a_header(room: Room) -> None:
    assert room.land_one(text([]).rstrip("\n")).state == "accepted"


@pytest.mark.parametrize("content", ["", "\n", "\r\n\r\n", "\ufeff"])
def test_an_empty_file_is_held(room: Room, content: str) -> None:
    delivery = room.land_one(content)
    assert delivery.state == "held" and "empty" in delivery.reasons[0]


def test_blank_lines_before_the_header_are_skipped_and_counted(room: Room) -> None:
    room.land_one("\n\n" + text(crimes(2)))
    assert [line for _, line in room.raw()] == [4, 5]
