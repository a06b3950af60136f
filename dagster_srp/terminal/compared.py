"""Figures beside figures: what was published and ours, one release and another, a release and its rebuild."""

from __future__ import annotations

from typing import Any

from dagster_srp.release.reading import Reconciliation
from dagster_srp.release.rebuild import Rebuilt
from dagster_srp.release.vintages import PARTS
from dagster_srp.terminal.tables import Rows, of_records

FIGURE = ("figure", "area", "from", "published", "ours", "is_equal")
UNCOMPARED = 3


def reconciliation_tables(found: Reconciliation) -> list[Rows | str]:
    """Figures by kind with how many could be compared, then changes and claims; different ones first."""
    shown: list[Rows | str] = []
    for kind in sorted({row["kind"] for row in found.figures}):
        rows = [row for row in found.figures if row["kind"] == kind]
        compared = [row for row in rows if row["holds"] is not None]
        equal = sum(row["holds"] for row in compared)
        title = f"Published by {kind}: {len(rows)}; compared: {len(compared)}; equal: {equal}"
        if compared:
            ordered = sorted(compared, key=lambda row: bool(row["holds"]))
            shown.append(of_records(title, [_figure(row) for row in ordered], *FIGURE, folds=("figure",)))
        else:
            shown.append(title)
        shown += [f"  not compared: {reason}" for reason in _reasons(rows)[:UNCOMPARED]]
    changes = [{**row, "from": row["period_start"], "is_equal": row["holds"]} for row in found.changes]
    columns = ("indicator_id", "from", "published_change_pct", "our_change_pct", "is_equal")
    shown.append(of_records("Percentage changes as printed", changes, *columns, folds=("indicator_id",)))
    claims = [{**row, "claimed": row["claimed_value"], "true": row["true_value"]} for row in found.claims]
    shown.append(of_records("Claims", claims, "sentence", "claimed", "true", "holds"))
    counts = found.counts
    shown.append(
        f"Of {counts['published']} published figures {counts['compared']} could be compared, and {counts['equal']} are"
        " equal."
    )
    return shown


def moved_table(title: str, rows: list[dict[str, Any]]) -> Rows:
    """How values moved, with the parts that are not zero anywhere."""
    moved = [part for part in PARTS if any(row[part] for row in rows)]
    keys = [name for name in ("period_start", "area_code", "release_id") if rows and name in rows[0]]
    return of_records(title, rows, *keys, "change", *moved) if rows else Rows(title, [], [])


def rebuilt_table(rebuilt: Rebuilt) -> Rows:
    """Every table of a release with its rows in both."""
    rows = [
        [t.table, t.released.rows if t.released else None, t.rebuilt.rows if t.rebuilt else None, t.is_equal]
        for t in rebuilt.tables
    ]
    title = f"{rebuilt.release_id}: {'every table is equal' if rebuilt.is_equal else 'DIFFERS'}"
    return Rows(title, ["table", "released rows", "rebuilt rows", "equal"], rows)


def _figure(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "figure": row["what"],
        "area": row["area_code"],
        "from": row["period_start"],
        "published": row["published_value"],
        "ours": row["our_value"],
        "is_equal": row["holds"],
    }


def _reasons(rows: list[dict[str, Any]]) -> list[str]:
    """Why figures could not be compared, with how many, the commonest first."""
    reasons = [str(row["reason"]) for row in rows if row["holds"] is None]
    counted = sorted({(-reasons.count(reason), reason) for reason in reasons})
    return [f"{-count}: {reason}" for count, reason in counted]
