"""Matches a file's header to the contract: by name, never by position, and never by likeness."""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from dagster_srp.contracts import Contract
from dagster_srp.landing.held import Held, WrongHeader, without_header

DELIMITERS = (",", ";", "\t", "|")
HEAD_BYTES = 1 << 20
PREAMBLE_RECORDS = 60
FEW = 5
COMPARED = 200
"""How many unknown headers are compared with a missing one: likeness is slow, and a wide file has thousands."""
UNKNOWN = "_unknown_"
"""Begins our name of a column that the contract does not know."""
NAMELESS = "_nameless_"
"""Begins our name of a column whose header is blank: it is dropped with its values where all of them are blank too."""


@dataclass(frozen=True)
class Header:
    """Where the header ends, how the text is delimited, and the contract's name of each of its columns."""

    delimiter: str
    columns: list[str]
    unknown: list[str]
    lines_before: int
    lines: int


def tidy(name: str) -> str:
    """A header with its white space folded: published tables break long headers over lines."""
    return re.sub(r"\s+", " ", name.replace("\ufeff", "")).strip()


def find_header(head: str, contract: Contract) -> Header:
    """The header of a delimited text from its first bytes; raises Held listing every mismatch."""
    best: tuple[int, str, int, list[str], int] | None = None
    for delimiter in DELIMITERS:
        filled = (record for record in _records(head, delimiter) if any(record[1]))
        for start, names, lines in filled if contract.has_preamble else islice(filled, 1):
            found = len({column.name for name in set(names) if (column := contract.column_named(name))})
            if best is None or found > best[0]:
                best = (found, delimiter, start, names, lines)
    if best is None:
        raise Held(without_header(contract))
    _, delimiter, start, names, lines = best
    columns, unknown = match_names(names, contract)
    return Header(delimiter, columns, unknown, start, lines)


def match_names(names: Sequence[str], contract: Contract) -> tuple[list[str], list[str]]:
    """Our name for each header, and the headers that the contract does not know; raises WrongHeader on any missing.

    A header that the contract ignores gets a name of its own, as an unknown one does, and is not among the unknown.
    """
    columns = [contract.column_named(name) if name else None for name in names]
    by_column: dict[str, list[str]] = {}
    for name, column in zip(names, columns, strict=True):
        if column:
            by_column.setdefault(column.name, []).append(name)
    unknown = [
        name
        for name, column in zip(names, columns, strict=True)
        if name and not column and not contract.ignores(name)
    ]
    reasons = [
        _missing(c.source_name, unknown)
        for c in contract.columns
        if c.header == "needed" and c.name not in by_column
    ]
    reasons += [_repeated(given) for given in by_column.values() if len(given) > 1]
    reasons += [
        f"Column {by_column[c.name][0]!r} is not in version {contract.version} of the contract, and another version has it."
        for c in contract.columns
        if c.header == "absent" and c.name in by_column
    ]
    if reasons:
        raise WrongHeader(*reasons)
    ours = [
        column.name if column else f"{UNKNOWN if name else NAMELESS}{position}"
        for position, (name, column) in enumerate(zip(names, columns, strict=True), 1)
    ]
    return ours, unknown


def told_of(unknown: Sequence[str]) -> list[str]:
    """What is said of the headers that the contract does not know: the first few, and how many there are."""
    if not unknown:
        return []
    first = ", ".join(unknown[:FEW])
    listed = first if len(unknown) <= FEW else f"{first} and {len(unknown) - FEW:,} more ({len(unknown):,})"
    return [
        f"Columns not in the contract are kept in the archive and not loaded: {listed}."
        " Agree them in the contract, or stop sending them."
    ]


def _repeated(given: list[str]) -> str:
    if len(set(given)) == 1:
        return f"Column {given[0]!r} stands twice in the header: send it once."
    listed = " and ".join(repr(name) for name in given)
    return f"Columns {listed} are names of one column of the contract: send one of them."


def _missing(source: str, unknown: list[str]) -> str:
    folded = {name.casefold(): name for name in unknown[:COMPARED]}
    near = difflib.get_close_matches(source.casefold(), folded, n=1, cutoff=0.6)
    hint = (
        f" The header has {folded[near[0]]!r}, which the contract does not know: was it renamed?"
        if near
        else ""
    )
    return f"Column {source!r} of the contract is missing.{hint} Send it under its name, or agree a new contract."


def _records(head: str, delimiter: str) -> Iterator[tuple[int, list[str], int]]:
    """(line it starts at, tidy fields, lines it takes) for each record of the head that can be read."""
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter, strict=False)
    start = 0
    with suppress(csv.Error):
        for fields in islice(reader, PREAMBLE_RECORDS):
            yield start, [tidy(f) for f in fields], reader.line_num - start
            start = reader.line_num
