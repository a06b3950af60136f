"""Every attempt to refresh a home and how it ended, as lines that are only ever added.

What belongs here: writing and reading `refreshes.jsonl`. A line that was cut off by a kill is passed over, and an attempt
without an end, whose process holds no lock, was killed. No line holds a value of a row.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from dagster_srp.errors import explained

ATTEMPTS_FILE = "refreshes.jsonl"


@dataclass(frozen=True)
class Attempt:
    """One attempt: `outcome` is released, nothing new, refused, stopped, interrupted or, without an end, unfinished."""

    attempt_no: int
    began_at: str
    as_at: str | None = None
    step: str | None = None
    ended_at: str | None = None
    outcome: str = "unfinished"
    release_id: str | None = None
    reason: str | None = None
    next_step: str | None = None


class Recorder:
    """Writes one attempt's lines."""

    def __init__(self, root: Path, as_at: dt.datetime | None) -> None:
        self._path = root / ATTEMPTS_FILE
        number = max((a.attempt_no for a in attempts(root)), default=0) + 1
        self._attempt = Attempt(number, _now(), as_at.isoformat() if as_at else None)
        self._write(**asdict(self._attempt))

    def step(self, name: str) -> None:
        """The attempt has come to a step."""
        self._write(step=name)

    def end(self, outcome: str, **values: str | None) -> None:
        """The attempt is over."""
        self._write(outcome=outcome, ended_at=_now(), **values)

    def _write(self, **values: Any) -> None:
        line = json.dumps({"attempt_no": self._attempt.attempt_no, **values})
        # A line begins on a new one, whatever a kill left of the one before.
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(f"\n{line}\n")


@contextmanager
def recorded(root: Path, as_at: dt.datetime | None) -> Iterator[Recorder]:
    """Records an attempt with its end where it is broken off; whoever carries it out says how it ended well."""
    recorder = Recorder(root, as_at)
    try:
        yield recorder
    except BaseException as error:
        known = explained(error)
        recorder.end(known.heading.rstrip(".").lower(), reason=str(known), next_step=known.next_step)
        raise


def attempts(root: Path) -> list[Attempt]:
    """Every attempt, oldest first; none where this account may not read them."""
    path = root / ATTEMPTS_FILE
    if not os.access(path, os.R_OK):
        return []
    found: dict[int, Attempt] = {}
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            values = json.loads(line)
            number = values.pop("attempt_no")
            found[number] = replace(found[number], **values) if number in found else Attempt(number, **values)
        except (ValueError, TypeError, KeyError, AttributeError):
            continue
    return list(found.values())


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
