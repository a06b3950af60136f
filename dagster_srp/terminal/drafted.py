"""What a draft of a contract, or samples beside a contract, come to: for a person, and for a program."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dagster_srp.contracts import Contract, load_contract
from dagster_srp.contracts.draft import differences, draft
from dagster_srp.contracts.load import CONTRACTS_DIR
from dagster_srp.contracts.profile import Profile
from dagster_srp.errors import WrongUse
from dagster_srp.landing.held import Held
from dagster_srp.terminal.tables import Rows, Whole, of_records

Shown = tuple[dict[str, Any], list[Rows | str]]


def drafted(feed: str, files: Sequence[Path], into: Path) -> Shown:
    """Writes `<into>/<feed>.odcs.yaml`, or compares the samples with it or with the agreed contract; raises WrongUse."""
    if not re.fullmatch(r"[a-z]+(_[a-z0-9]+)+", feed):
        raise WrongUse(
            f"{feed!r} is no name of a feed.", "Name it <partner>_<subject>, such as yas_callouts."
        )
    path = into / f"{feed}.odcs.yaml"
    known = [place for place in (path, CONTRACTS_DIR / path.name) if place.exists()]
    try:
        if known:
            return _compared(load_contract(known[0]), known[0], files)
        return _written(feed, files, path)
    except Held as held:
        raise WrongUse(" ".join(held.reasons), "Give samples that can be read, of one feed.") from held


def _written(feed: str, files: Sequence[Path], path: Path) -> Shown:
    made = draft(feed, files)
    path.write_text(made.text, encoding="utf-8")
    rows = [_row(column) for column in made.columns]
    payload = {"written": str(path), "columns": rows, "questions": list(made.questions)}
    return payload, [
        of_records(f"Columns of {feed}", rows, "header", "type", "needed", "empty_pct", "personal"),
        "Ask the partner:",
        *(f"- {question}" for question in made.questions),
        Whole(f"They are in {path}"),
        f"Next: edit it, then `srp draft {feed} FILE...` says how further samples differ",
    ]


def _row(column: Profile) -> dict[str, Any]:
    return {
        "header": column.header,
        "type": f"{column.kind} {column.format}" if column.format else column.kind,
        "needed": column.filled == column.rows,
        "empty_pct": round(100 * column.empty_share, 1),
        "personal": column.is_personal,
    }


def _compared(contract: Contract, path: Path, files: Sequence[Path]) -> Shown:
    found = [asdict(difference) for difference in differences(contract, files)]
    payload = {"contract": str(path), "version": contract.version, "differences": found}
    if not found:
        return payload, [
            f"{len(files):,} samples keep version {contract.version} of the contract of {contract.feed}."
        ]
    table = of_records(
        f"Samples beside version {contract.version} of {contract.feed}", found, "file_name", "what", "broken", "rows",
        folds=("file_name",),
    )  # fmt: skip
    return payload, [
        table,
        Whole(f"They are in {path}"),
        "Next: agree the change as a new version, or ask for another extract",
    ]
