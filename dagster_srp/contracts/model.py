"""What a contract says, as plain typed values."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Restatement = Literal["upsert", "replace_period", "snapshot", "append"]
Sensitivity = Literal["personal", "sensitive", "open"]
ExtractedFrom = Literal["name", "archive", "content"]
Header = Literal["needed", "optional", "absent"]
"""Whether a file's header has the column: it must, it may, or the version of the contract knows no such column."""


@dataclass(frozen=True)
class Reference:
    """A column of a seed that lists the values a contract column may hold.

    `on` names the contract's column whose day must lie within the value's `valid_from` and `valid_to`, where the list is
    one with dates that a row must meet.
    """

    seed: str
    column: str
    on: str | None = None


@dataclass(frozen=True)
class Column:
    """One column of a feed: our name, the partner's header, and every rule its values must keep."""

    name: str
    source_name: str
    description: str
    logical_type: str
    physical_type: str
    required: bool
    sensitivity: Sensitivity
    pattern: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    format: str | None = None
    allowed_values: tuple[str, ...] = ()
    separator: str | None = None
    references: Reference | None = None
    true_false: tuple[str, str] | None = None
    thousands_separator: str | None = None
    not_available: str | None = None
    header: Header = "needed"
    other_names: tuple[str, ...] = ()

    def is_named(self, header: str) -> bool:
        """Whether a file's header names this column: by the partner's name, or by a whole match of a pattern of others."""
        return header == self.source_name or any(re.fullmatch(name, header) for name in self.other_names)

    @property
    def storage_type(self) -> str:
        """The DuckDB type in raw: a list stays one text, as it was delivered."""
        return "VARCHAR" if self.separator else self.physical_type


@dataclass(frozen=True)
class RowRule:
    """A condition over several columns that every row must meet, as an SQL expression."""

    expression: str
    description: str


@dataclass(frozen=True)
class ExtractedAt:
    """How the moment a delivery speaks for is read: a pattern over its name or content.

    `edition` finds, in the header of a table whose name has no date, the two digits of the year of its edition.
    """

    source: ExtractedFrom
    pattern: str
    format: str | None = None
    edition: str | None = None


@dataclass(frozen=True)
class Contract:
    """The agreement on one feed; the single place that says these things.

    A contract is its present version; `earlier` holds those before it, newest first, each a contract of its own with the
    same columns in the same types, so that one raw table holds the rows of all. `content_hash` is the sha256 of what all
    of its versions mean, prose left out, and of the code lists it refers to: a delivery that was judged under another hash
    is judged again.

    `identity` names one record where all of its columns are given, in a feed whose rows have no key: a record that a
    delivery holds several times is counted once. `may_lie_ahead` says that the period column holds days to come: a plan's
    quarters, events that are announced.
    """

    feed: str
    version: str
    partner: str
    row_meaning: str
    restates_by: Restatement
    key: tuple[str, ...]
    replaces_by: tuple[str, ...]
    period_column: str | None
    columns: tuple[Column, ...]
    row_rules: tuple[RowRule, ...]
    cadence_months: int
    file_formats: tuple[str, ...]
    extracted_at: ExtractedAt
    quarantine_threshold: float
    zip_member: str | None
    has_preamble: bool
    content_hash: str
    ignored_headers: tuple[str, ...] = ()
    identity: tuple[str, ...] = ()
    may_lie_ahead: bool = False
    valid_from: dt.date | None = None
    earlier: tuple[Contract, ...] = ()

    @property
    def versions(self) -> tuple[Contract, ...]:
        """The present version and those before it, newest first."""
        return (self, *self.earlier)

    def valid_on(self, day: dt.date) -> Contract:
        """The version that is valid on a day: the newest that has begun, else the oldest."""
        begun = (v for v in self.versions if v.valid_from is None or v.valid_from <= day)
        return next(begun, self.versions[-1])

    @property
    def may_be_empty(self) -> bool:
        """Whether a delivery without rows means that nothing happened; one that replaces would wipe what it replaces."""
        return self.restates_by in ("upsert", "append")

    def column(self, name: str) -> Column:
        """The column of that name; KeyError where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.feed} has no column {name}")

    def column_named(self, header: str) -> Column | None:
        """The column that a file's header names; None where the contract knows none."""
        return next((c for c in self.columns if c.is_named(header)), None)

    def ignores(self, header: str) -> bool:
        """Whether a header that names no column needs no word: published tables number their rows."""
        return any(re.fullmatch(pattern, header) for pattern in self.ignored_headers)

    @property
    def references(self) -> tuple[Reference, ...]:
        """The distinct seed columns that this contract's values are checked against."""
        return tuple(dict.fromkeys(c.references for c in self.columns if c.references))

    def serves(self, member_names: Sequence[str]) -> bool:
        """Whether an archive with these members is a delivery of this feed."""
        pattern = self.zip_member
        return pattern is not None and any(re.match(pattern, name) for name in member_names)
