"""A run that dies at any step, or finds no room, leaves nothing half-done: the next run ends where a whole one would."""

from __future__ import annotations

import dataclasses
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from dagster_srp.landing import ledger

from .room import Room, crime, crimes, text
from .test_archives_are_not_trusted import asb, outcome, packed, street

FEEDS = ("syp_crimes", "police_uk_street", "police_uk_outcomes")
TESTS = Path(__file__).parents[1]

DYING = """
import os, resource, signal, sys
from pathlib import Path
from dagster_srp.contracts import load_contracts
from dagster_srp.landing import archive, land as _, ledger
import dagster_srp.landing.land
from landing.room import Room

land = sys.modules["dagster_srp.landing.land"]
home, feeds, owner, name, when, at, limit = sys.argv[1:]

def dying(function):
    calls = 0
    def wrapper(*args, **options):
        nonlocal calls
        calls += 1
        if calls == int(at) and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = function(*args, **options)
        if calls == int(at):
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    return wrapper

places = {"archive": archive, "Archive": archive.Archive, "land": land, "ledger": ledger, "shutil": land.shutil, "Path": Path}
if owner:
    setattr(places[owner], name, dying(getattr(places[owner], name)))
contracts = load_contracts()
room = Room(Path(home), {feed: contracts[feed] for feed in feeds.split()})
if int(limit):
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
room.land()
"""


def _fill(room: Room) -> None:
    room.put(text([*crimes(90), crime(7), crime(99, Dwelling="?")]), "a_2024-06-30.csv")
    room.put("nothing of the kind", "b_2024-07-30.csv")
    members = {street("2024-05"): asb("2024-05", 3), "2024-05/2024-05-x-outcomes.csv": outcome("2024-05")}
    room.put(packed(members), "2024-05_x.zip", "police_uk_street")


def _run(
    room: Room, owner: str = "", name: str = "", when: str = "", at: int = 0, limit: int = 0
) -> subprocess.CompletedProcess[str]:
    words = [str(room.root), " ".join(room.contracts), owner, name, when, str(at), str(limit)]
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(DYING), *words],
        cwd=TESTS,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": f"{TESTS}:{TESTS.parent}", "PATH": "/usr/bin:/bin"},
    )


@pytest.mark.parametrize("at", [1, 2])
@pytest.mark.parametrize(
    ("owner", "name", "when"),
    [
        ("land", "open_ledger", "after"),
        ("archive", "_copy_and_hash", "before"),
        ("archive", "_copy_and_hash", "after"),
        ("Archive", "_store", "after"),
        ("Archive", "register", "after"),
        ("land", "_share_zip", "before"),
        ("land", "_share_zip", "after"),
        ("Path", "unlink", "after"),
        ("land", "_pending", "before"),
        ("land", "open_by_version", "after"),
        ("land", "load_parts", "after"),
        ("land", "accept", "after"),
        ("land", "quarantine_repeated_keys", "after"),
        ("land", "record_periods", "after"),
        ("land", "record", "after"),
        ("land", "_take_in", "after"),
        ("land", "_record_held", "after"),
    ],
)
def test_a_kill_at_any_step_is_made_good_by_the_next_run(
    rooms: Callable[..., Room], owner: str, name: str, when: str, at: int
) -> None:
    whole, killed = rooms(*FEEDS, name="whole"), rooms(*FEEDS, name="killed")
    for room in (whole, killed):
        _fill(room)
    whole.land()
    died = _run(killed, owner, name, when, at)
    assert died.returncode in (-signal.SIGKILL, 0), died.stderr
    assert died.returncode or at == 2, "the step was never reached"
    killed.land()
    assert killed.everything() == whole.everything()
    assert not list((killed.root / "warehouse" / "work").glob("*")) and not list(
        (killed.root / "inbox").glob("*/*")
    )


@pytest.mark.parametrize("limit", [30_000, 1_500_000, 3_000_000])
def test_a_disk_without_room_stops_with_a_clear_error_and_the_next_run_completes(
    rooms: Callable[..., Room], limit: int
) -> None:
    whole, full = rooms("syp_crimes", name="whole"), rooms("syp_crimes", name="full")
    rows = [
        crime(n, **{"Complainant Address": f"{n * 7919} High Street {n * 104729}"}) for n in range(1, 20_001)
    ]
    for room in (whole, full):
        room.put(text(rows))
    whole.land()
    stopped = _run(full, limit=limit)
    assert stopped.returncode != 0
    assert any(
        word in stopped.stderr
        for word in ("File too large", "No space", "could not write", "Could not write")
    )
    full.land()
    assert full.everything() == whole.everything()


def test_a_changed_contract_lands_its_feed_again_from_the_archive(room: Room) -> None:
    room.put(text([*crimes(20), crime(99, **{"LA Code": "E07000001"})]))
    assert room.land().deliveries[0].accepted == 21
    (contract,) = room.contracts.values()
    columns = tuple(
        dataclasses.replace(c, allowed_values=("E08000018",), pattern=None)
        if c.source_name == "LA Code"
        else c
        for c in contract.columns
    )
    room.contracts = {"syp_crimes": dataclasses.replace(contract, columns=columns, content_hash="another")}
    (delivery,) = room.land().deliveries
    assert (delivery.accepted, delivery.quarantined) == (20, 1)
    assert room.land().deliveries == []


def test_changed_landing_code_lands_every_feed_again_from_the_archive(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.put(text(crimes(3)))
    room.land()
    monkeypatch.setattr(ledger, "landed_by", lambda contract: "other code")
    assert [d.accepted for d in room.land().deliveries] == [3]
    assert room.land().deliveries == []


def test_a_ledger_of_other_columns_is_made_anew_from_the_archive(room: Room) -> None:
    room.put(text(crimes(3)))
    room.land()
    with duckdb.connect(str(room.root / "warehouse" / "landing.duckdb")) as connection:
        connection.execute("alter table ledger.deliveries rename column landed_by to contract_hash")
    assert [d.accepted for d in room.land().deliveries] == [3]


def test_a_contract_that_gains_a_column_before_any_delivery_makes_its_table_anew(room: Room) -> None:
    (contract,) = room.contracts.values()
    older = dataclasses.replace(contract, columns=contract.columns[:-1], content_hash="older")
    room.contracts = {"syp_crimes": older}
    room.land()
    room.contracts = {"syp_crimes": contract}
    assert room.land_one(text(crimes(2))).accepted == 2


def test_the_warehouse_deleted_and_landed_again_is_equal(rooms: Callable[..., Room]) -> None:
    room = rooms(*FEEDS)
    _fill(room)
    room.land()
    before = room.everything()
    (room.root / "warehouse" / "landing.duckdb").unlink()
    room.land()
    # 90 crimes, one of them twice; one row is broken.
    assert room.everything() == before and len(before["raw.syp_crimes"]) == 90


def test_what_a_killed_run_left_in_the_work_folder_is_cleared(room: Room) -> None:
    left = room.root / "warehouse" / "work" / "landing_x" / "member_0.csv"
    left.parent.mkdir(parents=True)
    left.write_text("x")
    room.land()
    assert not left.exists()
