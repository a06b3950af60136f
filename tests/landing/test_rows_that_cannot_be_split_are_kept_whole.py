from __future__ import annotations

import random

import pytest

from .room import Room, crime, crimes, line, text, with_lines


def test_ragged_lines_are_quarantined_with_line_and_whole_text(room: Room) -> None:
    short, long = "SYP/24/000098,14/06/2024", line(crime(99)) + ",one,more"
    delivery = room.land_one(with_lines(crimes(60), {4: short, 9: long}))
    assert (delivery.state, delivery.rows_read, delivery.accepted, delivery.quarantined) == (
        "accepted",
        62,
        60,
        2,
    )
    assert [(at, row) for at, row, _ in room.quarantine()] == [(4, short), (9, long)]
    assert [at for _, at in room.raw()][:9] == [2, 3, 5, 6, 7, 8, 10, 11, 12]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_ragged_lines_after_taller_rows_and_blank_lines(room: Room, end: str) -> None:
    rows = crimes(60)
    rows[0] = crime(1, **{"Complainant Address": "a\nb"})
    content = with_lines(rows, {4: "", 6: "ragged,line", 7: "", 9: 'also,"rag\n\nged"'})
    delivery = room.land_one(content.replace("\n", end) if end != "\n" else content)
    assert (delivery.rows_read, delivery.quarantined) == (62, 2)
    assert [at for at, _, _ in room.quarantine()] == [6, 9]
    assert [at for _, at in room.raw()][:6] == [2, 5, 8, 12, 13, 14]


def test_a_bad_quote_in_one_row_quarantines_that_row(room: Room) -> None:
    bad = line(crime(99)).replace("Ann", '"An"n')
    delivery = room.land_one(with_lines(crimes(40), {5: bad}))
    assert (delivery.state, delivery.accepted, delivery.quarantined) == ("accepted", 40, 1)
    assert [(at, row) for at, row, _ in room.quarantine()] == [(5, bad)]


@pytest.mark.parametrize("at", [2, 20, 41])
def test_an_unclosed_quote_holds_the_delivery_and_names_its_line(room: Room, at: int) -> None:
    bad = line(crime(99)).replace("Ann", '"Ann')
    delivery = room.land_one(with_lines(crimes(40), {at: bad}) + line(crime(77)) + "\n")
    assert delivery.state == "held" and f"line {at} " in delivery.reasons[0]
    assert room.raw() == [] and room.quarantine() == []


def test_an_unclosed_quote_far_from_the_end_holds_the_delivery(room: Room) -> None:
    bad = line(crime(99)).replace("Ann", '"Ann')
    delivery = room.land_one(with_lines(crimes(25_000), {3: bad}))
    assert delivery.state == "held" and room.raw() == []


def test_an_over_long_line_is_quarantined(room: Room) -> None:
    long = line(crime(99, **{"Complainant Address": "x" * 2_500_000}))
    delivery = room.land_one(with_lines(crimes(40), {7: long}))
    assert (delivery.state, delivery.accepted, delivery.quarantined) == ("accepted", 40, 1)
    ((at, row, _),) = room.quarantine()
    assert at == 7 and row == long


def test_a_nul_byte_quarantines_its_row(room: Room) -> None:
    content = text([*crimes(40), crime(41, **{"Complainant Address": "1 High\0 Street"})])
    delivery = room.land_one(content)
    assert (delivery.accepted, delivery.quarantined) == (40, 1)
    assert room.quarantine()[0][0] == 42 and "the row holds a NUL byte" in room.quarantine()[0][2]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_stay_exact_over_the_borders_of_the_readers_threads(room: Room, end: str) -> None:
    chance = random.Random(7)
    lines = [text([]).strip()]
    for number in range(1, 120_001):
        kind = chance.random()
        if kind < 0.002:
            lines += ["", f"ragged,{number}"]
        elif kind < 0.004:
            lines += line_ends_inside(number)
        else:
            lines.append(PLAIN.replace("000001", f"{number:06d}"))
    delivery = room.land_one(end.join(lines))
    assert delivery.state == "accepted", delivery.reasons
    assert [(at, row) for at, row, _ in room.quarantine()] == [
        (at, row) for at, row in enumerate(lines, 1) if row.startswith("ragged")
    ]
    assert all(reference in lines[at - 1] for reference, at in room.raw())


PLAIN = line(crime(1))


def line_ends_inside(number: int) -> list[str]:
    """One crime that takes four lines, one of them blank."""
    return (
        PLAIN.replace("000001", f"{number:06d}").replace("1 High Street", '"1\n\nHigh\nStreet"').split("\n")
    )
