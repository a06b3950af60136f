"""The versions of a contract: the earlier ones that its file tells as differences from the present one.

A file's body is the present version. Its custom property `earlierVersions` lists those before it, newest first; each gives
its `version`, the day from which it is valid, and what differs:

- `without`: columns that it did not have;
- `columns`: pieces of columns that were otherwise, each with the column's `name`;
- `quality`: the rules over whole rows that applied, where they were others.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from dagster_srp.contracts.model import Column, Contract

Document = dict[str, Any]
SAID = {"version", "validFrom", "without", "columns", "quality"}
"""What an earlier version may say."""


def earlier_documents(document: Document) -> Iterator[Document]:
    """The document that each earlier version would be alone, newest first; LookupError where one names no column."""
    for earlier in property_of(document, "earlierVersions") or []:
        if unknown := set(earlier) - SAID:
            raise LookupError(f"an earlier version may say {sorted(SAID)}, not {sorted(unknown)}")
        alone = copy.deepcopy(document)
        alone["version"] = earlier["version"]
        alone["customProperties"] = [
            p for p in alone["customProperties"] if p["property"] not in ("earlierVersions", "validFrom")
        ]
        if "validFrom" in earlier:
            alone["customProperties"].append({"property": "validFrom", "value": earlier["validFrom"]})
        (table,) = alone["schema"]
        by_name = {column["name"]: column for column in table["properties"]}
        for name in earlier.get("without", []):
            _make_absent(by_name[name])
        for piece in earlier.get("columns", []):
            by_name[piece["name"]].update(piece)
        if "quality" in earlier:
            table["quality"] = earlier["quality"]
        yield alone


def property_of(document: Document, name: str) -> Any:
    """The value of a custom property; None where the document has none of that name."""
    found = (p["value"] for p in document.get("customProperties") or [] if p["property"] == name)
    return next(found, None)


def _make_absent(column: Document) -> None:
    kept = [p for p in column.get("customProperties", []) if p["property"] != "header"]
    column["customProperties"] = [*kept, {"property": "header", "value": "absent"}]
    column["required"] = False


def widest(contract: Contract) -> Contract:
    """The contract that every row meets which any version accepts: what a gate may ask of rows of all versions."""
    if not contract.earlier:
        return contract
    columns = tuple(_widest(list(same)) for same in zip(*(v.columns for v in contract.versions), strict=True))
    kept = tuple(rule for rule in contract.row_rules if all(rule in v.row_rules for v in contract.earlier))
    return replace(contract, columns=columns, row_rules=kept)


def _widest(versions: list[Column]) -> Column:
    known = [c for c in versions if c.header != "absent"]
    patterns = list(dict.fromkeys(c.pattern for c in known))
    lists = [c.allowed_values for c in known]
    lows, highs = [c.minimum for c in known], [c.maximum for c in known]
    return replace(
        versions[0],
        required=all(c.required for c in versions),
        pattern=_either(patterns),
        allowed_values=tuple(dict.fromkeys(v for values in lists for v in values)) if all(lists) else (),
        minimum=None if None in lows else min(low for low in lows if low is not None),
        maximum=None if None in highs else max(high for high in highs if high is not None),
    )


def _either(patterns: list[str | None]) -> str | None:
    if None in patterns or len(patterns) == 1:
        return None if None in patterns else patterns[0]
    bare = (re.sub(r"^\^|\$$", "", pattern) for pattern in patterns if pattern)
    return f"^(?:{'|'.join(f'(?:{pattern})' for pattern in bare)})$"
