from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .room import NAME, Room, archived, crime, crimes, text


def _told(room: Room, settle_seconds: float = 0.0) -> str:
    """The one problem of a landing that lands nothing."""
    landed = room.land(settle_seconds)
    assert landed.deliveries == []
    (problem,) = landed.problems
    return f"{problem.where}: {problem.what}"


def test_a_landed_file_leaves_the_inbox(room: Room) -> None:
    path = room.put(text(crimes(1)))
    room.land()
    assert not path.exists() and len(archived(room)) == 1


def test_the_same_bytes_twice_are_a_no_op_that_says_so(room: Room) -> None:
    room.put(text(crimes(3)))
    room.land()
    room.put(text(crimes(3)), "again_2024-06-30.csv")
    landed = room.land()
    assert landed.deliveries == [] and landed.problems == []
    assert landed.repeats == [
        f"syp_crimes/again_2024-06-30.csv: the same bytes landed 2026-07-01T09:30:00 as {NAME}"
    ]
    assert len(room.raw()) == 3 and not (room.root / "inbox" / "syp_crimes" / "again_2024-06-30.csv").exists()


@pytest.mark.parametrize(
    "name", ["crimes.csv.part", "crimes.csv.filepart", ".crimes.csv", "~$crimes.xlsx", "crimes.csv.tmp"]
)
def test_a_partial_upload_is_left(room: Room, name: str) -> None:
    path = room.put(text(crimes(1)), name)
    assert "Still being written" in _told(room) and path.exists()


@contextmanager
def _open_elsewhere(path: Path) -> Iterator[None]:
    program = "import sys; f = open(sys.argv[1], 'a'); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", program, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout and child.stdin and child.stdout.readline() == b"open\n"
        yield
        child.stdin.close()


def test_a_file_that_another_process_is_writing_is_left_for_the_next_time(room: Room) -> None:
    path = room.put(text(crimes(1)))
    with _open_elsewhere(path):
        assert "Still being written" in _told(room) and path.exists()
    assert room.land().deliveries[0].accepted == 1


def test_a_growing_file_is_left(room: Room) -> None:
    path = room.put(text(crimes(1)))

    def grow() -> None:
        time.sleep(0.2)
        with path.open("a") as stream:
            stream.write(text(crimes(2)))

    writer = threading.Thread(target=grow)
    writer.start()
    told = _told(room, settle_seconds=1.0)
    writer.join()
    assert "Still being written" in told


def test_a_stray_folder_is_told_and_left(room: Room) -> None:
    path = room.put(text(crimes(1)), feed="sypcrimes")
    assert "No feed of that name" in _told(room) and path.exists()


def test_a_stray_file_is_told_and_left(room: Room) -> None:
    path = room.root / "inbox" / "hello.csv"
    path.parent.mkdir(parents=True)
    path.write_text("x")
    assert "No feed of that name" in _told(room) and path.exists()


def test_a_folder_named_like_a_file_is_told_and_left(room: Room) -> None:
    path = room.put(text(crimes(1)), f"{NAME}/inner.csv")
    assert "A folder" in _told(room) and path.exists()


def test_a_link_is_not_followed_out_of_the_inbox(room: Room) -> None:
    outside = room.root / "outside.csv"
    link = room.put("", NAME)
    link.unlink()
    outside.write_text(text(crimes(1)))
    link.symlink_to(outside)
    assert "A link" in _told(room) and link.is_symlink() and outside.exists() and archived(room) == []


def test_a_linked_feed_folder_is_not_followed(room: Room) -> None:
    outside = room.root / "outside"
    outside.mkdir(parents=True)
    (outside / NAME).write_text(text(crimes(1)))
    (room.root / "inbox").mkdir()
    (room.root / "inbox" / "syp_crimes").symlink_to(outside)
    assert "A link" in _told(room) and (outside / NAME).exists()


def test_a_pipe_is_told_and_never_opened(room: Room) -> None:
    pipe = room.put("", NAME)
    pipe.unlink()
    os.mkfifo(pipe)
    assert "Neither a file nor a folder" in _told(room)


@pytest.mark.parametrize(
    "name",
    [
        'it\'s "odd".csv',
        "two\nlines.csv",
        "ünïcödé 犯罪.csv",
        "x" * 251 + ".csv",
        "[a]*?.csv",
        "-rf.csv",
        "%s{0}.csv",
    ],
)
def test_odd_names_are_only_names(room: Room, name: str) -> None:
    assert room.land_one(text(crimes(2)), name).accepted == 2
    assert room.query("select file_name from ledger.deliveries") == [(name,)]


def test_a_name_that_is_not_utf_8_is_only_a_name(room: Room) -> None:
    path = room.put(text(crimes(1)))
    path.rename(os.fsdecode(os.fsencode(path.parent) + b"/caf\xe9.csv"))
    assert room.land().deliveries[0].file_name == "caf\\xe9.csv"


@pytest.mark.parametrize("folder", ["O'Brien's home", "a [1] home*", 'käse "x"'])
def test_the_home_may_have_an_odd_path(rooms: Callable[..., Room], folder: str) -> None:
    room = rooms("syp_crimes", name=folder)
    assert room.land_one(text(crimes(2))).accepted == 2
    assert room.land_one(text(crimes(3)).replace("knife", "KNIFE\x00"), "b_2024-07-30.csv").state == "held"


@pytest.mark.parametrize("name", ["crimes.pdf", "crimes", "crimes.xls", "crimes.duckdb"])
def test_a_format_that_the_contract_does_not_take_is_held_and_archived(room: Room, name: str) -> None:
    delivery = room.land_one(text(crimes(1)), name)
    assert delivery.state == "held" and "not in a format of the contract" in delivery.reasons[0]
    assert len(archived(room)) == 1


def test_an_ending_in_capitals_is_the_same_ending(room: Room) -> None:
    assert room.land_one(text(crimes(1)), NAME.upper()).accepted == 1


def test_demo_extracts_never_enter_a_home_of_real_ones(room: Room) -> None:
    path = room.put(text(crimes(1)), "syp_crimes_demo_2024-06-30.csv")
    assert "A demo extract" in _told(room) and path.exists() and archived(room) == []


def test_a_demo_home_takes_demo_extracts(room: Room) -> None:
    room.takes_demo = True
    assert room.land_one(text(crimes(1)), "syp_crimes_demo_2024-06-30.csv").accepted == 1


def test_a_bad_delivery_does_not_stop_another(room: Room) -> None:
    room.put("nothing of the kind", "a_2024-06-30.csv")
    room.put(text([crime(Dwelling="?")]), "b_2024-06-30.csv")
    room.put(text(crimes(1)), "c_2024-06-30.csv")
    states = {d.file_name[0]: d.state for d in room.land().deliveries}
    assert states == {"a": "held", "b": "held", "c": "accepted"} and len(room.raw()) == 1


def test_a_delivery_without_a_date_speaks_for_when_it_landed_and_says_so(room: Room) -> None:
    delivery = room.land_one(text(crimes(1)), "crimes.csv")
    assert any("dated when it arrived" in warning for warning in delivery.warnings)
    assert room.query("select extracted_at = landed_at from ledger.deliveries") == [(True,)]


def test_a_number_in_the_name_that_is_no_date_is_passed_over(room: Room) -> None:
    room.land_one(text(crimes(1)), "batch12345678_20240630.csv")
    assert room.query("select extracted_at::date::varchar from ledger.deliveries") == [("2024-06-30",)]


def test_the_warehouse_is_for_its_owner_alone(room: Room) -> None:
    room.land_one(text(crimes(1)))
    assert (room.root / "warehouse" / "landing.duckdb").stat().st_mode & 0o077 == 0
