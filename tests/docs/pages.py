"""The written pages as the tests of this folder read them: their text, their links and their fenced blocks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]

_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, and the line on which the text begins."""

    language: str
    text: str
    line: int


def pages() -> list[Path]:
    """The README and every page of docs/."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(page: Path) -> list[Block]:
    """The page's fenced blocks in their order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(found[1], found[2], text.count("\n", 0, found.start(2)) + 1) for found in _FENCED.finditer(text)
    ]


def links(page: Path) -> list[str]:
    """The targets of the page's links; those inside fenced blocks are no links."""
    return _LINK.findall(_FENCED.sub("", page.read_text(encoding="utf-8")))


def shown(path: Path) -> str:
    """A page's path as a test names it."""
    return str(path.relative_to(ROOT))
