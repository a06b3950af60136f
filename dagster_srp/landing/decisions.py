"""Decisions: what was judged of each delivery after it had landed, by a gate or by a person, kept beside the archive.

What belongs here: the log, and the ledger's obedience to it. What does not: why a gate doubts a delivery (gates), or the
terminal's words (deciding). The log is a truth as the archive is: a warehouse made again from the archive obeys it.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

import duckdb

from dagster_srp.landing.ledger import Delivery

State = Literal["passed", "doubted", "accepted", "refused"]
BY_GATE = "srp"
"""Who passes and doubts; people accept and refuse."""


@dataclass(frozen=True)
class Decision:
    """One judgement of a delivery. `because` are sentences without any value of a row; `at` is ISO 8601 in UTC."""

    feed: str
    sha256: str
    state: State
    by: str
    at: str
    because: tuple[str, ...]


def now() -> str:
    """The moment of a decision."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


class DecisionLog:
    """One file for each feed, a line for each judgement, never changed: the last line on a delivery counts."""

    def __init__(self, archive: Path) -> None:
        self.folder = archive / "decisions"

    def record(self, decisions: Iterable[Decision]) -> None:
        """Appends the decisions in their order, and returns when they are on the disk."""
        by_feed: dict[str, list[str]] = {}
        for decision in decisions:
            line = json.dumps(asdict(decision), ensure_ascii=False)
            by_feed.setdefault(decision.feed, []).append(line)
        for feed, lines in by_feed.items():
            self._append(self.folder / f"{feed}.jsonl", lines)

    def history(self) -> Iterator[Decision]:
        """Every decision ever made, by feed and then in the order in which they were made."""
        for path in sorted(self.folder.glob("*.jsonl")):
            for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
                # A line that was being written when the machine stopped has no end, and was never obeyed.
                if line.endswith("\n") and line.strip():
                    plain = json.loads(line)
                    yield Decision(**{**plain, "because": tuple(plain["because"])})

    def standing(self) -> dict[tuple[str, str], Decision]:
        """The decision that counts for each delivery, by feed and sha256."""
        return {(decision.feed, decision.sha256): decision for decision in self.history()}

    @staticmethod
    def _append(path: Path, lines: list[str]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "rb+") as stream:
            size = stream.seek(0, os.SEEK_END)
            if size:
                stream.seek(size - 1)
                # What a power cut left of a line is cut off: it was never obeyed.
                if stream.read(1) != b"\n":
                    stream.seek(0)
                    stream.truncate(stream.read().rfind(b"\n") + 1)
            stream.write("".join(f"{line}\n" for line in lines).encode())
            stream.flush()
            os.fsync(stream.fileno())


def obey(connection: duckdb.DuckDBPyConnection, log: DecisionLog) -> None:
    """Gives every delivery in the ledger the state that the log says.

    A held delivery has no rows, so that accepting it means nothing; a refusal of it is kept beside its state.
    """
    standing = list(log.standing().values())
    columns = [
        [d.feed for d in standing],
        [d.sha256 for d in standing],
        [d.state for d in standing],
        [d.by for d in standing],
        [d.at for d in standing],
        [list(d.because) for d in standing],
    ]
    connection.execute("begin")
    connection.execute("delete from ledger.decisions")
    connection.execute(
        "insert into ledger.decisions select d.delivery_no, s.feed, s.sha256, s.state, s.decided_by, s.decided_at, s.because"
        " from (select unnest($1::varchar[]) as feed,"
        " unnest($2::varchar[]) as sha256, unnest($3::varchar[]) as state, unnest($4::varchar[]) as decided_by,"
        " unnest($5::timestamptz[]) at time zone 'UTC' as decided_at, unnest($6::varchar[][]) as because) as s"
        " join ledger.deliveries as d using (feed, sha256)"
        " where s.state = 'refused' or (d.state <> 'held' and s.state <> 'passed')",
        columns,
    )
    connection.execute(
        "update ledger.deliveries as d set state = coalesce(s.state, 'accepted'),"
        " reasons = case when s.state in ('doubted', 'refused') then s.because else [] end"
        " from (select deliveries.delivery_no, decisions.state, decisions.because from ledger.deliveries"
        " left join ledger.decisions using (delivery_no)) as s"
        " where d.delivery_no = s.delivery_no and d.state <> 'held' and d.state <> coalesce(s.state, 'accepted')"
    )
    connection.execute("commit")


def as_decided(connection: duckdb.DuckDBPyConnection, deliveries: Iterable[Delivery]) -> list[Delivery]:
    """The deliveries with the states and reasons that the ledger has now."""
    known = {
        number: (state, tuple(reasons))
        for number, state, reasons in connection.execute(
            "select delivery_no, state, reasons from ledger.deliveries"
        ).fetchall()
    }
    return [replace(d, state=known[d.delivery_no][0], reasons=known[d.delivery_no][1]) for d in deliveries]
