"""A home's state as a person reads it: one line a fact, the next step last."""

from __future__ import annotations

from typing import Any

from dagster_srp.attempts import Attempt
from dagster_srp.report.status import Status
from dagster_srp.terminal.tables import Rows, facts, of_records

LONGEST_REASON = 400


def status_tables(status: Status) -> list[Rows | str]:
    """What `srp status` prints."""
    values: dict[str, Any] = {
        "home": f"{status.home} ({'DEMO: synthetic people' if status.is_demo else 'real extracts'})",
        "readable by": status.readable_by,
        "current release": status.current or "none yet",
    }
    if status.current:
        values |= {
            "made at": status.made_at,
            "known at": status.known_at,
            "warnings": f"{status.warning_count} (srp releases)",
        }
    values["last attempt"] = f"running: {status.running}" if status.running else _ended(status.last_attempt)
    if status.accepted_count is not None:
        values["deliveries"] = f"{status.accepted_count:,} accepted, {status.held_count:,} held"
        values["landed, not released"] = status.unreleased_count
        values["late feeds"] = ", ".join(status.late_feeds) or "none"
    left = f", {status.refused_files} that no feed takes" if status.refused_files else ""
    values["inbox"] = f"{status.waiting_files} files wait, {status.unfinished_files} unfinished{left}"
    shown: list[Rows | str] = [facts("Status", values)]
    if status.released_file:
        shown.append(f"Open: duckdb -readonly {status.released_file}")
    return [*shown, f"Next: {status.next_step}"]


def history_table(attempts: list[Attempt]) -> Rows:
    """What `srp history` prints."""
    rows = [
        {
            "no": attempt.attempt_no,
            "began": attempt.began_at[:19].replace("T", " "),
            "as at": attempt.as_at,
            "ended": _outcome(attempt),
            "reason": _short(attempt.reason),
        }
        for attempt in attempts
    ]
    used = [name for name in ("no", "began", "as at", "ended", "reason") if any(r[name] for r in rows)]
    return of_records("Refreshes", rows, *used)


def _ended(attempt: Attempt | None) -> str:
    if attempt is None:
        return "none recorded"
    reason = f": {_short(attempt.reason)}" if attempt.reason else ""
    return f"{_outcome(attempt)}, began {attempt.began_at[:19].replace('T', ' ')} UTC{reason}"


def _outcome(attempt: Attempt) -> str:
    if attempt.release_id:
        return f"{attempt.outcome} {attempt.release_id}"
    at = f" at {attempt.step}" if attempt.step and attempt.outcome not in ("nothing new", "released") else ""
    return ("killed" if attempt.outcome == "unfinished" else attempt.outcome) + at


def _short(text: str | None) -> str | None:
    return text if text is None or len(text) <= LONGEST_REASON else f"{text[:LONGEST_REASON]} ..."
