from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from .room import Room, archived, crime, crimes, text

GOOD = 40


def _reasons(room: Room, **changes: str) -> list[str]:
    """Why the one changed row among good ones was quarantined."""
    delivery = room.land_one(text([*crimes(GOOD), crime(GOOD + 1, **changes)]))
    assert (delivery.state, delivery.accepted) == ("accepted", GOOD)
    ((line, _, reasons),) = room.quarantine()
    assert line == GOOD + 2
    return reasons


@pytest.mark.parametrize(
    "date", ["31/02/2024", "2024-03-04", "04/03/24", "03/14/2024", "04-03-2024", "soon", "   "]
)
def test_a_date_that_is_not_of_the_contracts_format_breaks(room: Room, date: str) -> None:
    assert "Committed To: not a date written %d/%m/%Y" in _reasons(room, **{"Committed To": date})


def test_the_contract_says_which_is_day_and_which_is_month(room: Room) -> None:
    room.land_one(text([crime(**{"Committed From": "04/03/2024"})]))
    assert room.raw("committed_from_date") == [(dt.date(2024, 3, 4),)]


@pytest.mark.parametrize(
    "value", ["=cmd()", "=1+1", "@SUM(A1)", "+HYPERLINK(1)", "- cmd (x)", "\t=cmd()", " =cmd()"]
)
@pytest.mark.parametrize("header", ["Complainant Surname", "Suspect Refs"])
def test_a_text_that_a_spreadsheet_would_run_is_quarantined(room: Room, header: str, value: str) -> None:
    assert any("spreadsheet would run" in reason for reason in _reasons(room, **{header: value}))


def test_texts_that_only_look_odd_are_kept_as_they_are(room: Room) -> None:
    odd = [
        "+44 1709 382121",
        "@home",
        "O'Neil",
        '"Bo"',
        "- none -",
        "1/2 High Street",
        "x=y",
        " padded ",
    ]
    rows = [crime(n, **{"Complainant Address": value}) for n, value in enumerate(odd, 1)]
    assert room.land_one(text(rows)).quarantined == 0
    assert [address for (address,) in room.raw("complainant_address")] == odd


def test_an_unknown_offence_code_is_quarantined(room: Room) -> None:
    assert _reasons(room, **{"HO Offence Code": "999/99"}) == [
        "HO Offence Code: not in the list offence_groups"
    ]


def test_committed_after_recorded_is_quarantined(room: Room) -> None:
    changes = {"Committed From": "15/06/2024"}
    assert any("negative days" in reason for reason in _reasons(room, **changes))


def test_a_row_carries_all_its_reasons_and_none_of_its_values(room: Room) -> None:
    changes = {
        "Crime Reference": "Q",
        "Dwelling": "maybe",
        "Tags": "knife;unheard",
        "Hate Strands": "none of it",
    }
    reasons = _reasons(room, **changes)
    assert len(reasons) == 4
    assert not any(value in reason for value in changes.values() for reason in reasons)


def test_the_quarantined_row_is_whole(room: Room) -> None:
    _reasons(room, **{"Dwelling": "maybe", "Complainant Address": 'Flat "2", High Street'})
    ((_, row, _),) = room.quarantine()
    assert row.startswith('"SYP/24/000041","14/06/2024"') and '"Flat ""2"", High Street"' in row


@pytest.mark.parametrize("value", ["", " "])
def test_a_required_value_may_not_be_blank(room: Room, value: str) -> None:
    assert any(reason.startswith("LA Code: ") for reason in _reasons(room, **{"LA Code": value}))


def _asked_count(rooms: Callable[..., Room], value: str) -> tuple[Room, list[str]]:
    room = rooms("marac_cases")
    case = {
        "Referred": "01/06/2024",
        "Heard": "",
        "Victim Ref": "V1",
        "Victim Forename": "Ann",
        "Victim Surname": "Example",
        "Perpetrator Refs": "P1;P2",
        "Referring Agency": _allowed(room, "Referring Agency"),
        "Would Be Criminal": _allowed(room, "Would Be Criminal"),
        "Outcome": "",
        "LA Code": "E08000018",
    }
    rows = [{"Case Ref": f"MARAC/24/{n:05d}", **case, "Children": "2"} for n in range(1, 41)]
    rows.append({"Case Ref": "MARAC/24/00041", **case, "Children": value})
    room.land_one(text(rows), "marac_2024-06-30.csv", "marac_cases")
    return room, [reason for _, _, reasons in room.quarantine("marac_cases") for reason in reasons]


def _allowed(room: Room, header: str) -> str:
    column = next(c for c in room.contracts["marac_cases"].columns if c.source_name == header)
    return (column.true_false or column.allowed_values or ("South Yorkshire Police",))[0]


def test_a_negative_count_is_quarantined(rooms: Callable[..., Room]) -> None:
    _, reasons = _asked_count(rooms, "-1")
    assert reasons == ["Children: below 0"]


@pytest.mark.parametrize("value", ["1.5", "1_000", "0x10", "2e0", "two", "nan", "99999999999"])
def test_a_number_is_never_rounded_or_guessed(rooms: Callable[..., Room], value: str) -> None:
    _, reasons = _asked_count(rooms, value)
    assert reasons == ["Children: not a whole number"]


def test_both_rows_of_a_repeated_key_are_quarantined_and_their_lines_named(room: Room) -> None:
    rows = [*crimes(60), crime(2, **{"Ward Code": "E05013852"})]
    delivery = room.land_one(text(rows))
    assert (delivery.accepted, delivery.quarantined) == (59, 2)
    assert [(line, reasons) for line, _, reasons in room.quarantine()] == [
        (3, ["Crime Reference: the key stands on lines 3, 62"]),
        (62, ["Crime Reference: the key stands on lines 3, 62"]),
    ]
    assert '"14/06/2024","13/06/2024"' in room.quarantine()[0][1]


def test_a_row_that_stands_twice_is_one_record_and_its_repeats_are_counted_and_told(room: Room) -> None:
    delivery = room.land_one(text([*crimes(20), *crimes(15), crime(7)]))
    assert (delivery.state, delivery.accepted, delivery.quarantined) == ("accepted", 20, 16)
    assert any("16 rows repeat a record" in warning for warning in delivery.warnings)
    assert [line for _, line in room.raw()] == list(range(2, 22))
    assert {reason for *_, reasons in room.quarantine() for reason in reasons} == {
        "the same row stands on an earlier line, which counts"
    }


def test_a_row_that_stands_twice_and_once_with_another_value_is_still_ambiguous(room: Room) -> None:
    rows = [*crimes(60), crime(2), crime(2, **{"Ward Code": "E05013852"})]
    delivery = room.land_one(text(rows))
    assert (delivery.accepted, delivery.quarantined) == (59, 3)


def test_a_delivery_over_its_threshold_is_held_with_reasons_and_counts(room: Room) -> None:
    rows = [crime(n, Dwelling="?") if n % 4 == 0 else crime(n) for n in range(1, 41)]
    delivery = room.land_one(text(rows))
    assert (delivery.state, delivery.rows_read, delivery.accepted) == ("held", 40, 0)
    assert "10 of 40 rows break the contract (25.0%); it allows 5.0%" in delivery.reasons[0]
    assert "Dwelling: not one of Y or N: 10 rows, first on line 5" in delivery.reasons[1]
    assert room.raw() == [] and len(room.quarantine()) == 10 and len(archived(room)) == 1


def test_a_snapshot_with_one_bad_row_is_held(rooms: Callable[..., Room]) -> None:
    room, feed = rooms("ons_lad_csp_pfa"), "ons_lad_csp_pfa"
    header = ",".join(c.source_name for c in room.contracts[feed].columns)
    good = "E08000018,Rotherham,E22000261,Rotherham,E23000011,South Yorkshire"
    delivery = room.land_one(f"{header}\n{good}\nnot a code,x,y,z,a,b\n", "lookup_2024-12-31.csv", feed)
    assert delivery.state == "held" and room.raw("*", feed) == []


def test_a_snapshot_without_rows_is_held(rooms: Callable[..., Room]) -> None:
    room, feed = rooms("ons_lad_csp_pfa"), "ons_lad_csp_pfa"
    header = ",".join(c.source_name for c in room.contracts[feed].columns)
    delivery = room.land_one(header, "lookup_2024-12-31.csv", feed)
    assert delivery.state == "held" and "replaces all rows" in delivery.reasons[0]
