"""A contract changes with time, and its older deliveries stay what they were."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from dagster_srp.contracts import Contract, ContractError
from tests.contracts.changed import (
    Document,
    add_a_column_and_say_nothing,
    add_a_needed_column,
    add_an_optional_column,
    changed,
    rename_a_column,
)

from .room import Room, crime, crimes, text

BEFORE, AFTER = "crimes_2024-06-30.csv", "crimes_2024-07-15.csv"
NEW_ROWS = [{**crime(n), "Vehicles": str(n)} for n in (1, 2)]


@pytest.fixture
def room_with(tmp_path: Path, room: Room) -> Callable[[Callable[[Document], None]], Room]:
    """The landing room under a changed contract; what has landed in it stays."""

    def change(how: Callable[[Document], None]) -> Room:
        contract = changed(tmp_path / how.__name__, "syp_crimes", how)
        return replace(room, contracts={"syp_crimes": contract})

    return change


def version(room: Room) -> list[tuple]:
    return room.query("select contract_version, state from ledger.deliveries order by extracted_at")


def test_an_older_delivery_is_accepted_without_the_new_column(room_with: Callable[..., Room]) -> None:
    room = room_with(add_a_needed_column)
    assert room.land_one(text(crimes(2)), BEFORE).state == "accepted"
    assert room.raw("vehicle_count") == [(None,), (None,)]


def test_a_newer_delivery_fills_the_new_column(room_with: Callable[..., Room]) -> None:
    room = room_with(add_a_needed_column)
    room.land_one(text(NEW_ROWS), AFTER)
    assert room.raw("vehicle_count") == [(1,), (2,)]


def test_a_needed_column_is_needed_in_each_row_of_a_newer_delivery(room_with: Callable[..., Room]) -> None:
    room = room_with(add_a_needed_column)
    rows = [{**crime(n), "Vehicles": "1" if n else ""} for n in range(30)]
    assert room.land_one(text(rows), AFTER).quarantined == 1


def test_the_ledger_says_which_version_judged(room_with: Callable[..., Room]) -> None:
    room = room_with(add_a_needed_column)
    room.put(text(crimes(2)), BEFORE)
    room.put(text(NEW_ROWS), AFTER)
    room.land()
    assert version(room) == [("1.0.0", "accepted"), ("1.1.0", "accepted")]


@pytest.mark.parametrize(
    ("rows", "name", "judge"), [(crimes(2), AFTER, "1.0.0"), (NEW_ROWS, BEFORE, "1.1.0")]
)
def test_a_header_of_another_day_is_judged_by_its_own_version_and_told(
    room_with: Callable[..., Room], rows: list[dict[str, str]], name: str, judge: str
) -> None:
    room = room_with(add_a_needed_column)
    delivery = room.land_one(text(rows), name)
    assert version(room) == [(judge, "accepted")]
    assert any(f"Judged by version {judge}" in warning for warning in delivery.warnings)


def test_a_header_that_fits_no_version_is_held_by_the_one_of_its_day(room_with: Callable[..., Room]) -> None:
    rows = [{n: v for n, v in crime().items() if n != "Tags"}]
    delivery = room_with(add_a_needed_column).land_one(text(rows), AFTER)
    assert delivery.state == "held"
    assert {reason.split("'")[1] for reason in delivery.reasons} == {"Tags", "Vehicles"}


@pytest.mark.parametrize(("header", "name"), [("Ward Code", BEFORE), ("Ward", AFTER)])
def test_a_renamed_column_is_read_under_the_name_of_its_day(
    room_with: Callable[..., Room], header: str, name: str
) -> None:
    rows = [{header if n == "Ward Code" else n: v for n, v in crime().items()}]
    room = room_with(rename_a_column)
    assert room.land_one(text(rows), name).warnings == ()
    assert room.raw("ward_code") == [("E05013851",)]


@pytest.mark.parametrize("rows", [crimes(2), NEW_ROWS])
def test_an_optional_column_may_be_there_or_not(
    room_with: Callable[..., Room], rows: list[dict[str, str]]
) -> None:
    delivery = room_with(add_an_optional_column).land_one(text(rows))
    assert (delivery.accepted, delivery.warnings) == (2, ())


@pytest.mark.parametrize("how", [add_a_needed_column, add_an_optional_column])
def test_what_was_accepted_stays_accepted_when_a_column_is_added(
    room: Room, room_with: Callable[..., Room], how: Callable[[Document], None]
) -> None:
    room.land_one(text(crimes(3)))
    room_with(how).land()
    assert [row[:2] for row in room.raw()] == [
        ("SYP/24/000001", 2),
        ("SYP/24/000002", 3),
        ("SYP/24/000003", 4),
    ]


def test_a_delivery_that_a_change_holds_is_remembered_as_once_accepted(
    room: Room, room_with: Callable[..., Room]
) -> None:
    room.land_one(text(crimes(3)))
    after = room_with(add_a_column_and_say_nothing)
    after.land()
    query = "select state, o.contract_version from ledger.deliveries join ledger.once_accepted as o using (sha256)"
    assert after.query(query) == [("held", "1.0.0")]


def test_prose_lands_nothing_again(tmp_path: Path, contracts: dict[str, Contract]) -> None:
    def reword(document: Document) -> None:
        document["description"]["purpose"] = "Otherwise said."
        document["schema"][0]["properties"][0]["description"] = "Otherwise said."

    reworded = changed(tmp_path, "syp_crimes", reword)
    assert reworded.content_hash == contracts["syp_crimes"].content_hash


def test_a_rule_that_changes_lands_everything_again(tmp_path: Path, contracts: dict[str, Contract]) -> None:
    def tighten(document: Document) -> None:
        document["schema"][0]["properties"][0]["logicalTypeOptions"]["pattern"] = "^SYP.*$"

    assert changed(tmp_path, "syp_crimes", tighten).content_hash != contracts["syp_crimes"].content_hash


@pytest.mark.parametrize(
    ("earlier", "what"),
    [
        ({"version": "1.0.0", "without": ["no_such"]}, "no_such"),
        ({"version": "1.0.0", "without": ["crime_ref"]}, "crime_ref"),
        ({"version": "1.0.0", "witout": ["tags"]}, "witout"),
        ({"version": "1.1.0", "without": ["tags"]}, "same number"),
        ({"version": "1.0.0", "validFrom": "2025-01-01", "without": ["tags"]}, "newest first"),
        ({"version": "1.0.0", "columns": [{"name": "tags", "logicalType": "integer", "physicalType": "INTEGER"}]}, "type"),
    ],
)  # fmt: skip
def test_an_earlier_version_that_cannot_be_is_refused(tmp_path: Path, earlier: Document, what: str) -> None:
    def change(document: Document) -> None:
        add_a_needed_column(document)
        column = next(c for c in document["schema"][0]["properties"] if c["name"] == "tags")
        column["customProperties"] = []
        document["customProperties"][-1]["value"] = [earlier]

    with pytest.raises(ContractError, match=what):
        changed(tmp_path, "syp_crimes", change)
