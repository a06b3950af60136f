"""What a landing is said to have done: many deliveries of one feed and one cause are one message."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from dagster_srp.landing.land import Landed

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
    """Everything that a person must look at, grouped by feed and cause, the largest group of a kind first."""
    held = [d for d in landed.deliveries if d.state == "held"]
    doubted = [d for d in landed.deliveries if d.state == "doubted"]
    found = [
        *grouped("Held", ((d.feed, d.file_name, d.reasons) for d in held)),
        *grouped("Doubted", ((d.feed, d.file_name, d.reasons) for d in doubted)),
        *grouped("Left", ((_folder(p.where), Path(p.where).name, (p.what,)) for p in landed.problems)),
        *grouped(
            "Nothing changed", ((_folder(p.where), Path(p.where).name, (p.what,)) for p in landed.overtaken)
        ),
    ]
    if landed.repeats:
        names = tuple(repeat.split(": ")[0] for repeat in landed.repeats)
        found.append(Message("Received before, nothing to do", names, ()))
    return found


def grouped(heading: str, files: Iterable[tuple[str, str, tuple[str, ...]]]) -> Iterator[Message]:
    """Files, each with its feed and its causes, as messages; the largest group first."""
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
