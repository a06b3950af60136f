"""Whatever goes wrong inside one delivery holds that delivery; only what concerns the whole home stops the refresh."""

from __future__ import annotations

import errno
import struct
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import duckdb
import pytest

from dagster_srp.landing import versions
from dagster_srp.landing.faults import TRIED_AGAIN

from .room import Room, crime, crimes, text
from .test_archives_are_not_trusted import asb, packed, street

LAND: ModuleType = sys.modules["dagster_srp.landing.land"]
SECRET = "Wiśniewska"
STEPS = [
    (versions, "open_delivery", "opened"),
    (LAND, "load_parts", "loaded"),
    (LAND, "accept", "judged"),
    (LAND, "quarantine_repeated_keys", "judged"),
    (LAND, "record_periods", "recorded"),
]
FAULTS = [
    duckdb.ParserException(f"Max expression depth limit of 1000 exceeded near {SECRET}"),
    duckdb.IOException(f"Could not read enough bytes {SECRET}"),
    OSError(errno.EINVAL, SECRET),
    RecursionError(SECRET),
    AssertionError(SECRET),
    KeyError(SECRET),
]
HOME_FAULTS = [
    OSError(errno.ENOSPC, "No space left on device"),
    PermissionError(errno.EACCES, "Permission denied"),
    duckdb.IOException("Could not write file: No space left on device"),
    duckdb.OutOfMemoryException("failed to offload data block: set by the 'max_temp_directory_size' setting"),
    duckdb.InterruptException("Interrupted!"),
]


def _failing_for_bad(
    monkeypatch: pytest.MonkeyPatch, owner: ModuleType, name: str, error: BaseException
) -> None:
    """The step fails for the first delivery that comes to it, and for no other."""
    real: Callable[..., Any] = getattr(owner, name)
    waiting = [error]

    def step(*args: Any, **options: Any) -> Any:
        if waiting:
            raise waiting.pop()
        return real(*args, **options)

    monkeypatch.setattr(owner, name, step)


@pytest.mark.parametrize(("owner", "name", "step"), STEPS, ids=[name for _, name, _ in STEPS])
def test_a_fault_at_any_step_holds_that_delivery_and_the_others_land(
    room: Room, monkeypatch: pytest.MonkeyPatch, owner: ModuleType, name: str, step: str
) -> None:
    room.put(text([crime(1)]), "bad_2024-06-01.csv")
    room.put(text(crimes(3)), "good_2024-06-30.csv")
    _failing_for_bad(monkeypatch, owner, name, duckdb.ParserException(SECRET))
    bad, good = room.land().deliveries
    assert (bad.state, bad.delivery_no, good.accepted) == ("held", 1, 3)
    assert f"failed while it was {step} (ParserException)" in bad.reasons[0]
    assert len(room.raw()) == 3


@pytest.mark.parametrize("error", FAULTS, ids=lambda e: type(e).__name__)
def test_a_fault_of_any_kind_asks_for_a_report_and_tells_no_value(
    room: Room, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    _failing_for_bad(monkeypatch, LAND, "load_parts", error)
    delivery = room.land_one(text(crimes(3)))
    assert delivery.state == "held"
    assert "a fault of the warehouse: report it" in delivery.reasons[0] and SECRET not in delivery.reasons[0]


def test_a_delivery_too_big_for_the_memory_is_held_and_says_which_setting(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = duckdb.OutOfMemoryException("could not allocate block of size 256.0 KiB (1.0 GiB/1.0 GiB used)")
    _failing_for_bad(monkeypatch, LAND, "load_parts", error)
    assert "SRP_MEMORY_LIMIT" in room.land_one(text(crimes(3))).reasons[0]


@pytest.mark.parametrize("error", HOME_FAULTS, ids=lambda e: type(e).__name__)
def test_what_concerns_the_whole_home_stops_the_refresh_and_the_next_one_completes(
    room: Room, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    room.put(text(crimes(3)))
    _failing_for_bad(monkeypatch, LAND, "load_parts", error)
    with pytest.raises(type(error)):
        room.land()
    assert [d.accepted for d in room.land().deliveries] == [3]


def test_a_delivery_held_by_a_fault_is_tried_again_and_lands_once_the_fault_is_gone(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    _failing_for_bad(monkeypatch, LAND, "accept", ZeroDivisionError())
    assert TRIED_AGAIN in room.land_one(text(crimes(3))).reasons[0]
    assert [(d.state, d.accepted) for d in room.land().deliveries] == [("accepted", 3)]
    assert room.land().deliveries == []


def test_a_delivery_held_by_a_rule_is_not_tried_again(room: Room) -> None:
    assert room.land_one("not,the,header\n").state == "held"
    assert room.land().deliveries == []


def _damaged(offset: int) -> bytes:
    """A zip whose end record says that its directory begins `offset` bytes further than it does."""
    whole = bytearray(packed({street("2024-06"): asb("2024-06", 3)}))
    end = whole.rindex(b"PK\x05\x06")
    (begins,) = struct.unpack_from("<I", whole, end + 16)
    struct.pack_into("<I", whole, end + 16, (begins + offset) % 2**32)
    return bytes(whole)


@pytest.mark.parametrize("offset", [1, 500, 2**20, 2**31, -1, -5])
def test_a_zip_whose_directory_points_outside_the_file_is_held(
    rooms: Callable[..., Room], offset: int
) -> None:
    room = rooms("police_uk_street", "police_uk_outcomes")
    room.put(_damaged(offset), "2024-06_a.zip", "police_uk_street")
    room.put(packed({street("2024-06"): asb("2024-06", 2)}), "2024-06_b.zip", "police_uk_street")
    by_name = {d.file_name: d for d in room.land().deliveries}
    assert by_name["2024-06_a.zip"].state == "held"
    assert "Pack it again and resend" in by_name["2024-06_a.zip"].reasons[0]
    assert by_name["2024-06_b.zip"].accepted == 2


def test_a_workbook_whose_directory_points_outside_the_file_is_held(room: Room) -> None:
    delivery = room.land_one(_damaged(2**20), "crimes_2024-06-30.xlsx")
    assert delivery.state == "held" and "resend" in delivery.reasons[0]
