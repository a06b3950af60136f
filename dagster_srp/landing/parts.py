"""A delivery's readable pieces: one for a file, one for each member of an archive."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa


@dataclass
class TextPart:
    """A delimited text in UTF-8, its header understood.

    `columns` are the contract's names in the file's order (unknown headers keep a name of their own, and are not
    loaded). `first_line` is the physical line of the first row in the delivered file, and `row_lines` how many
    physical lines of rows there are: an independent count for conservation.
    """

    path: Path
    columns: list[str]
    delimiter: str
    first_line: int
    has_header: bool
    row_lines: int
    has_nul: bool
    member: str | None = None


@dataclass
class TablePart:
    """Rows of a workbook, every value as text in the contract's own formats; blank rows are left out."""

    table: pa.Table
    first_line: int
    blank_lines: list[int] = field(default_factory=list)


@dataclass
class ParquetPart:
    """A Parquet file; `columns` gives, by the contract's name, the file's own name and its type."""

    path: Path
    columns: dict[str, tuple[str, str]]


Part = TextPart | TablePart | ParquetPart


@dataclass
class Opened:
    """A delivery ready to be loaded: its parts, and what should be told though it does not stop it."""

    parts: list[Part]
    warnings: list[str] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    """The names of all members of a zip, those of other feeds too."""
