"""The state of a home: what is current, how the last attempt ended, what waits, and what to do next."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dagster_srp.access import readers_of
from dagster_srp.attempts import Attempt, attempts
from dagster_srp.contracts import Contract
from dagster_srp.duck import Engine
from dagster_srp.errors import WarehouseError
from dagster_srp.home import Home
from dagster_srp.landing.inbox import scan_inbox
from dagster_srp.landing.reading import Asked, deliveries
from dagster_srp.release import current_release_id, read_manifest

ENDED_WELL = ("released", "nothing new")
BROKEN_OFF = ("unfinished", "interrupted")
"""Ends of an attempt after which another may do better with nothing changed."""


@dataclass(frozen=True)
class Status:
    """What `srp status` says; counts are of now, `known_at` and `made_at` are the current release's."""

    home: str
    is_demo: bool
    readable_by: str
    current: str | None
    made_at: str | None
    known_at: str | None
    released_file: str | None
    warning_count: int
    running: str | None
    last_attempt: Attempt | None
    accepted_count: int | None
    held_count: int | None
    unreleased_count: int | None
    late_feeds: list[str]
    waiting_files: int
    unfinished_files: int
    refused_files: int
    next_step: str


def status_of(home: Home, inbox: Path, contracts: Mapping[str, Contract], engine: Engine) -> Status:
    """The state of a home, as far as this account may read it."""
    current = current_release_id(home)
    manifest = read_manifest(home.releases / current / "manifest.json") if current else None
    known = _ledger(home, contracts, engine)
    released = {(d.feed, d.sha256) for d in manifest.deliveries} if manifest else set()
    accepted = [row for row in known or [] if row["state"] == "accepted"]
    unreleased = [row for row in accepted if (row["feed"], row["sha256"]) not in released]
    held = [row for row in known or [] if row["state"] == "held"]
    late = sorted({str(row["feed"]) for row in accepted if row["is_late"]})
    scan = scan_inbox(inbox, contracts.keys(), 0.0)
    running, last = home.holder, next(reversed(attempts(home.root)), None)
    return Status(
        home=str(home.root),
        is_demo=home.is_demo,
        readable_by=readers_of(home.releases),
        current=current,
        made_at=manifest.made_at if manifest else None,
        known_at=manifest.known_at if manifest else None,
        released_file=str(home.released / "srp.duckdb") if current else None,
        warning_count=len(manifest.warnings) if manifest else 0,
        running=running,
        last_attempt=last,
        accepted_count=None if known is None else len(accepted),
        held_count=None if known is None else len(held),
        unreleased_count=None if known is None else len(unreleased),
        late_feeds=late,
        waiting_files=len(scan.ready),
        unfinished_files=len(scan.unfinished),
        refused_files=len(scan.refused),
        next_step=_next_step(running, last, bool(scan.ready or unreleased), len(held), late, current),
    )


@dataclass(frozen=True)
class Waiting:
    """What a home has that is not in its current release. `key` is the same for the same waiting things."""

    key: str
    asks_for_a_refresh: bool
    said: str


def waiting_in(home: Home, inbox: Path, contracts: Mapping[str, Contract], engine: Engine) -> Waiting:
    """Whether a refresh has something to do.

    Landed deliveries wait for a release where the last attempt was broken off; where it was refused, a person has to
    decide first.
    """
    scan = scan_inbox(inbox, contracts.keys(), 0.0)
    files = [f"{item.path} {item.path.stat().st_size} {item.path.stat().st_mtime_ns}" for item in scan.ready]
    status = status_of(home, inbox, contracts, engine) if home.exists else None
    landed = (status.unreleased_count or 0) if status else 0
    last = status.last_attempt if status else None
    refused = last is not None and last.outcome not in (*ENDED_WELL, *BROKEN_OFF)
    key = hashlib.sha256("|".join([*sorted(files), str(landed)]).encode()).hexdigest()
    said = f"Waiting: {len(files)} whole files, {landed} landed and not released"
    said += f"; {len(scan.unfinished)} still being written." if scan.unfinished else "."
    if landed and refused and not files:
        return Waiting(key, False, f"{said} The last refresh was refused: `srp status` says what to do.")
    return Waiting(key, bool(files or landed), said)


def _ledger(home: Home, contracts: Mapping[str, Contract], engine: Engine) -> list[dict[str, object]] | None:
    """Every delivery; None where nothing has landed, or the ledger cannot be read now."""
    import duckdb

    try:
        return deliveries(home, contracts, Asked(), engine)
    except (WarehouseError, OSError, duckdb.Error):
        return None


def _next_step(
    running: str | None, last: Attempt | None, waits: bool, held: int, late: list[str], current: str | None
) -> str:
    if running:
        return "Wait for the refresh that is running."
    if last and last.outcome == "unfinished":
        return "The last refresh was killed. Run `srp refresh`: it does what was not done."
    if last and last.outcome not in ENDED_WELL:
        return last.next_step or "Run `srp refresh` again."
    if waits:
        return "Run `srp refresh`: files wait, or have landed and are not released yet."
    if current is None:
        return "Put partners' files into the inbox (`srp feeds` names the folders), and run `srp refresh`."
    if held:
        return "Look at `srp deliveries --held`, and ask the partners for the files again."
    if late:
        return "Ask the partners for what is late: `srp deliveries --late`."
    return "Nothing: the current release has all that came."
