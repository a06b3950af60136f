"""Texts and names as SQL: nothing else in the project writes quotes."""

from __future__ import annotations

import re
from pathlib import Path


def literal(text: str) -> str:
    """The text as an SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """The name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def file_literal(path: Path) -> str:
    """The path as a literal that DuckDB's readers take for one file, whatever glob signs are in it."""
    return literal(re.sub(r"([\[*?])", r"[\1]", str(path)))
