"""What a landing is said to have done: many deliveries of one feed and one cause are one message."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dagster_srp.landing import Landed
from dagster_srp.landing.ledger import Delivery
from dagster_srp.terminal.tables import Rows, of_records

FIRST = 3
"""How many names, and how many reasons of one delivery, a message gives before it counts."""


@dataclass(frozen=True)
class Message:
    """What happened to some files of one feed, for one cause."""

    heading: str
    names: tuple[str, ...]
    causes: tuple[str, ...]

    def lines(self, most_causes: int = FIRST) -> list[str]:
        """The heading with a count and the first names, then the first causes."""
        count = len(self.names)
        shown = ", ".join(self.names[:FIRST]) + (f" and {count - FIRST:,} more" if count > FIRST else "")
        causes = [f"  {cause}" for cause in self.causes[:most_causes]]
        if len(self.causes) > most_causes:
            causes.append(f"  and {len(self.causes) - most_causes:,} more reasons")
        return [f"{self.heading}: {count:,} {'file' if count == 1 else 'files'}: {shown}", *causes]


def messages(landed: Landed) -> list[Message]:
    """Everything that a person must look at, grouped by feed and cause, the largest group first."""
    held = [d for d in landed.deliveries if d.state == "held"]
    found = [
        *_grouped("Held", ((d.feed, d.file_name, d.reasons) for d in held)),
        *_grouped("Left", ((_folder(p.where), Path(p.where).name, (p.what,)) for p in landed.problems)),
        *_grouped(
            "Nothing changed", ((_folder(p.where), Path(p.where).name, (p.what,)) for p in landed.overtaken)
        ),
    ]
    if landed.repeats:
        names = tuple(repeat.split(": ")[0] for repeat in landed.repeats)
        found.append(Message("Received before, nothing to do", names, ()))
    return found


def landed_table(deliveries: Sequence[Delivery]) -> Rows:
    """What landed, a line for each feed."""
    rows = []
    for feed in sorted({d.feed for d in deliveries}):
        mine = [d for d in deliveries if d.feed == feed]
        held = sum(d.state == "held" for d in mine)
        counts = [sum(getattr(d, name) for d in mine) for name in ("rows_read", "accepted", "quarantined")]
        rows.append([feed, len(mine), held or None, *counts])
    return Rows("Landed", ["feed", "deliveries", "held", "rows read", "accepted", "quarantined"], rows)


def _grouped(heading: str, files: Iterable[tuple[str, str, tuple[str, ...]]]) -> Iterator[Message]:
    groups: dict[tuple[str, str], list[tuple[str, tuple[str, ...]]]] = {}
    for feed, name, causes in files:
        groups.setdefault((feed, _cause(causes)), []).append((name, causes))
    for (feed, _), members in sorted(groups.items(), key=lambda one: (-len(one[1]), one[0])):
        # of several files the first one's causes are shown, with its own numbers
        yield Message(f"{heading}: {feed}", tuple(name for name, _ in members), members[0][1])


def _cause(causes: tuple[str, ...]) -> str:
    """The first cause without its numbers: 3 of 10 rows and 4 of 12 rows are one cause."""
    return re.sub(r"\d+", "#", causes[0]) if causes else ""


def _folder(where: str) -> str:
    return Path(where).parent.name or "inbox"


def delivery_tables(rows: list[dict[str, Any]], *, one_by_feed: bool) -> list[Rows | str]:
    """Deliveries as tables, one for each feed unless each feed has one; then the reasons of held ones, grouped."""
    shown: list[Rows | str] = []
    if one_by_feed:
        used = ("feed", "extracted_at", "rows_read_count", "state", "is_late")
        shown.append(of_records("Newest deliveries", rows, *used))
    for feed in [] if one_by_feed else sorted({row["feed"] for row in rows}):
        mine = [row for row in rows if row["feed"] == feed]
        short = [
            {**row, "no": row["delivery_no"], "file": row["file_name"], "extracted": row["extracted_at"]}
            for row in mine
        ]
        short = [{**row, "read": row["rows_read_count"], "broken": row["quarantined_count"]} for row in short]
        title = f"{feed}: {len(mine):,}"
        shown.append(
            of_records(title, short, "no", "file", "extracted", "read", "broken", "state", folds=("file",))
        )
    if not rows:
        shown.append("No delivery is as asked.")
    held = [(row["feed"], row["file_name"], tuple(row["reasons"])) for row in rows if row["state"] == "held"]
    return [*shown, *("\n".join(message.lines(len(message.causes))) for message in _grouped("Held", held))]


def quarantine_tables(rows: list[dict[str, Any]]) -> list[Rows | str]:
    """Quarantined rows by feed: a line for each file and rule, with the first lines of the file."""
    shown: list[Rows | str] = []
    for feed in sorted({row["feed"] for row in rows}):
        mine = [
            {
                **row,
                "file": row["file_name"],
                "rule": row["reason"],
                "rows": row["rows_count"],
                "first lines": ", ".join(map(str, row["first_lines"])),
            }
            for row in rows
            if row["feed"] == feed
        ]
        title = f"{feed}: rows that broke the contract: {sum(row['rows'] for row in mine):,}"
        shown.append(of_records(title, mine, "file", "rule", "rows", "first lines", folds=("file",)))
    return shown or ["No row is in quarantine."]
