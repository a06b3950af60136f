"""Writes a first contract from sample files, for a person to edit; and says how further samples differ from a contract."""

from __future__ import annotations

import datetime as dt
import itertools
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from dagster_srp.contracts.model import Contract
from dagster_srp.contracts.profile import Profile, profile
from dagster_srp.contracts.sample import LIMITS, Sample, read_sample
from dagster_srp.duck import identifier, open_memory, value_of
from dagster_srp.landing.archive import Receipt
from dagster_srp.landing.held import Held
from dagster_srp.landing.load import load_parts
from dagster_srp.landing.moment import extracted_at
from dagster_srp.landing.readers import format_of
from dagster_srp.landing.versions import open_by_version

DAY_IN_NAME = r"(\d{4}-?\d{2}-?\d{2})"
KEY_COLUMNS = 8
"""Of how many columns pairs are tried for a key."""


@dataclass(frozen=True)
class Draft:
    """A first contract, as the text of its file, and what to ask the partner before it is agreed."""

    text: str
    questions: tuple[str, ...]
    columns: tuple[Profile, ...]


@dataclass(frozen=True)
class Difference:
    """What landing would make of one sample under a contract: `rows` of it, in how many of which a rule is broken."""

    file_name: str
    version: str
    rows: int
    what: str
    broken: int


def draft(feed: str, files: Sequence[Path]) -> Draft:
    """A first contract for a feed; raises Held where a sample cannot be read."""
    with read_sample(files) as sample:
        columns = tuple(profile(sample, name) for name in sample.headers)
        key = _key(sample, columns)
    questions = tuple(_questions(feed, files, columns, key))
    document = _document(feed, files, columns, key, questions)
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120)
    return Draft(text, questions, columns)


def differences(contract: Contract, files: Sequence[Path]) -> list[Difference]:
    """How samples differ from a contract: every fault of a header, and every rule with the rows that break it."""
    return [difference for path in files for difference in _differences(contract, path)]


def _differences(contract: Contract, path: Path) -> Iterator[Difference]:
    arrived = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC).replace(tzinfo=None)
    receipt = Receipt(contract.feed, "", path.name, path.stat().st_size, arrived.isoformat())
    moment = extracted_at(contract, path.name, "", None, arrived)
    with open_memory() as connection, tempfile.TemporaryDirectory(prefix="srp-draft-") as work:
        try:
            judge, opened = open_by_version(path, receipt, contract, moment, Path(work), LIMITS)
        except Held as held:
            for reason in held.reasons:
                yield Difference(path.name, contract.version, 0, reason, 0)
            return
        for warning in opened.warnings:
            yield Difference(path.name, judge.version, 0, warning, 0)
        for part in opened.parts:
            loaded = load_parts(connection, [part], judge)
            rows = loaded.rows + loaded.ragged if loaded else 0
            if loaded and loaded.ragged:
                yield Difference(path.name, judge.version, rows, "Rows that cannot be split", loaded.ragged)
            counts = "select reason, count(*) from (select unnest(reasons) as reason from load) group by 1 order by 2 desc, 1"
            for reason, broken in connection.execute(counts).fetchall():
                yield Difference(path.name, judge.version, rows, str(reason), int(broken))


def _key(sample: Sample, columns: Sequence[Profile]) -> tuple[str, ...]:
    """The columns that name a row within each file: one that is a reference, else any, else the first pair that does."""
    full = [c for c in columns if c.rows and c.filled == c.rows and c.kind in ("string", "integer", "date")]
    full.sort(key=lambda c: (c.is_personal, c.kind == "date", not c.is_reference))
    alone = [(c.name,) for c in full if c.kind != "date"]
    pairs = itertools.combinations([c.name for c in full[:KEY_COLUMNS]], 2)
    for names in [*alone, *pairs]:
        listed = ", ".join(identifier(name) for name in names)
        repeated = f"select exists (select 1 from sample group by _file, {listed} having count(*) > 1)"
        if not value_of(sample.connection, repeated):
            return names
    return ()


def _questions(
    feed: str, files: Sequence[Path], columns: Sequence[Profile], key: tuple[str, ...]
) -> Iterator[str]:
    named = ", ".join(c.header for c in columns if c.name in key)
    yield f"What is one row of {feed}, and which day does a month's extract begin and end with?"
    yield (
        f"Is {named} the key, and never used for another record?"
        if key
        else "What names a record? No column does."
    )
    yield "When a record changes, is it sent again, or is the whole list sent again?"
    yield "How often is it sent, and on which day after the end of the month?"
    if not all(_day_of(path) for path in files):
        yield "Which day was the extract taken? The name should hold it, as YYYY-MM-DD."
    for column in columns:
        if column.is_personal:
            yield f"{column.header}: does it identify a person, and is it needed?"
        elif column.filled < column.rows and column.filled:
            yield f"{column.header}: when is it empty ({column.empty_share:.0%} of the sample)?"
        yield from column.questions


def _document(
    feed: str,
    files: Sequence[Path],
    columns: Sequence[Profile],
    key: tuple[str, ...],
    questions: Sequence[str],
) -> dict[str, Any]:
    row = f"One row is a record of {feed}."
    period = next(
        (c for c in columns if c.kind in ("date", "timestamp") and c.filled == c.rows and not c.is_personal),
        None,
    )
    custom: dict[str, Any] = {"restatesBy": "upsert" if key else "append"}
    if period:
        custom["periodColumn"] = period.name
    custom["fileFormats"] = sorted({str(format_of(path.name)) for path in files})
    custom["extractedAt"] = {"from": "name", "pattern": DAY_IN_NAME}
    custom["quarantineThreshold"] = 0.05
    custom["questions"] = list(questions)
    return {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": feed,
        "name": feed,
        "version": "0.1.0",
        "status": "draft",
        "domain": "community safety",
        "dataProduct": feed.split("_")[0],
        "description": {"purpose": row},
        "schema": [
            {
                "name": feed,
                "physicalName": feed,
                "logicalType": "object",
                "physicalType": "table",
                "dataGranularityDescription": row,
                "properties": [_property(column, key) for column in columns],
            }
        ],
        "slaProperties": [{"property": "frequency", "value": 1, "unit": "m"}],
        "customProperties": [{"property": name, "value": value} for name, value in custom.items()],
    }


def _property(column: Profile, key: tuple[str, ...]) -> dict[str, Any]:
    said: dict[str, Any] = {
        "name": column.name,
        "businessName": column.header,
        "logicalType": "string" if column.separator else column.kind,
        "physicalType": "VARCHAR" if column.separator else column.physical,
        "description": f"{column.header}; to be described.",
        "classification": "personal" if column.is_personal else "sensitive",
        "required": column.rows > 0 and column.filled == column.rows,
    }
    if column.name in key:
        said |= {"primaryKey": True, "primaryKeyPosition": key.index(column.name) + 1}
    options = {"format": column.format, "pattern": column.pattern}
    if given := {name: value for name, value in options.items() if value}:
        said["logicalTypeOptions"] = given
    if column.values:
        rule = {"metric": "invalidValues", "mustBe": 0, "arguments": {"validValues": list(column.values)}}
        said["quality"] = [rule]
    custom: dict[str, Any] = {"emptyShare": column.empty_share}
    if column.separator:
        custom["separator"] = column.separator
    if column.true_false:
        custom["trueFalse"] = list(column.true_false)
    if column.thousands:
        custom["thousandsSeparator"] = column.thousands
    said["customProperties"] = [{"property": name, "value": value} for name, value in custom.items()]
    return said


def _day_of(path: Path) -> bool:
    return re.search(DAY_IN_NAME, path.name) is not None
