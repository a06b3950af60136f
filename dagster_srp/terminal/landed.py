"""Deliveries and what became of their rows, as a person reads them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dagster_srp.landing.ledger import Delivery
from dagster_srp.landing.messages import grouped
from dagster_srp.terminal.tables import Rows, of_records


def landed_table(deliveries: Sequence[Delivery]) -> Rows:
    """What landed, a line for each feed."""
    rows = []
    for feed in sorted({d.feed for d in deliveries}):
        mine = [d for d in deliveries if d.feed == feed]
        held = sum(d.state == "held" for d in mine)
        counts = [sum(getattr(d, name) for d in mine) for name in ("rows_read", "accepted", "quarantined")]
        rows.append([feed, len(mine), held or None, *counts])
    return Rows("Landed", ["feed", "deliveries", "held", "rows read", "accepted", "quarantined"], rows)


def delivery_tables(rows: list[dict[str, Any]], *, one_by_feed: bool) -> list[Rows | str]:
    """Deliveries as tables, one for each feed unless each feed has one; then the reasons of held ones, grouped."""
    shown: list[Rows | str] = []
    if one_by_feed:
        used = ("feed", "extracted_at", "rows_read_count", "state", "is_late")
        shown.append(of_records("Newest deliveries", rows, *used))
    for feed in [] if one_by_feed else sorted({row["feed"] for row in rows}):
        mine = [row for row in rows if row["feed"] == feed]
        short = [
            {**row, "no": row["delivery_no"], "file": row["file_name"], "extracted": row["extracted_at"]}
            for row in mine
        ]
        short = [{**row, "read": row["rows_read_count"], "broken": row["quarantined_count"]} for row in short]
        title = f"{feed}: {len(mine):,}"
        shown.append(
            of_records(title, short, "no", "file", "extracted", "read", "broken", "state", folds=("file",))
        )
    if not rows:
        shown.append("No delivery is as asked.")
    held = [(row["feed"], row["file_name"], tuple(row["reasons"])) for row in rows if row["state"] == "held"]
    return [*shown, *("\n".join(message.lines(len(message.causes))) for message in grouped("Held", held))]


def quarantine_tables(rows: list[dict[str, Any]]) -> list[Rows | str]:
    """Quarantined rows by feed: a line for each file and rule, with the first lines of the file."""
    shown: list[Rows | str] = []
    for feed in sorted({row["feed"] for row in rows}):
        mine = [
            {
                **row,
                "file": row["file_name"],
                "rule": row["reason"],
                "rows": row["rows_count"],
                "first lines": ", ".join(map(str, row["first_lines"])),
            }
            for row in rows
            if row["feed"] == feed
        ]
        title = f"{feed}: rows that broke the contract: {sum(row['rows'] for row in mine):,}"
        shown.append(of_records(title, mine, "file", "rule", "rows", "first lines", folds=("file",)))
    return shown or ["No row is in quarantine."]
