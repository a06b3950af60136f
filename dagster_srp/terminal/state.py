"""A home's state as a person reads it: one line a fact, the next step last."""

from __future__ import annotations

from typing import Any

from dagster_srp.attempts import Attempt
from dagster_srp.report.status import Status
from dagster_srp.terminal.tables import Rows, Whole, facts, of_records

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
            "warnings": f"{status.warning_count} (srp releases {status.current})",
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
        shown.append(Whole(f"Open: duckdb -readonly {status.released_file}"))
    return [*shown, f"Next: {status.next_step}"]


def release_tables(releases: list[dict[str, Any]], *, is_one: bool) -> list[Rows | str]:
    """What `srp releases` prints: a line each, or one with its warnings."""
    rows = [
        {**row, **{name: _day(row[name]) for name in ("made_at", "known_at", "as_at")}} for row in releases
    ]
    if is_one:
        (row,) = rows
        warnings = {f"warning {number}": text for number, text in enumerate(row.pop("warnings"), 1)}
        return [facts(str(row["release_id"]), row | warnings)]
    used = ["release_id", "made_at", "known_at", "delivery_count", "warning_count", "is_current", "has_data"]
    if any(row["as_at"] for row in rows):
        used.insert(3, "as_at")
    return [of_records("Releases", rows, *used)]


def _day(text: str | None) -> str | None:
    return text and (text[:10] if text[10:] in ("", "T00:00:00") else text[:16].replace("T", " "))


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
