"""What a refresh came to: for a person, and for a program."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from dagster_srp.home import Home
from dagster_srp.refresh import Refreshed
from dagster_srp.release import Manifest
from dagster_srp.terminal.landed import landed_table
from dagster_srp.terminal.tables import Rows, Whole, facts

DEMO = "  (DEMO: synthetic people)"


def refreshed_payload(refreshed: Refreshed) -> dict[str, Any]:
    """The refresh as plain values."""
    return {
        "current": refreshed.current,
        "released": refreshed.release is not None,
        "release": asdict(refreshed.release) if refreshed.release else None,
        "deliveries": [asdict(d) for d in refreshed.landed.deliveries],
        "repeats": refreshed.landed.repeats,
        "problems": [asdict(p) for p in refreshed.landed.problems],
        "overtaken": [asdict(p) for p in refreshed.landed.overtaken],
        "pruned": refreshed.pruned,
    }


def closing(refreshed: Refreshed, home: Home) -> list[Rows | str]:
    """What landed, what was released, and the next step; a text is a line that a person may copy whole."""
    shown: list[Rows | str] = []
    if refreshed.landed.deliveries:
        shown.append(landed_table(refreshed.landed.deliveries))
    manifest = refreshed.release
    if manifest is None:
        held = any(d.state == "held" for d in refreshed.landed.deliveries)
        shown.append(facts("Nothing new", {"current_release": refreshed.current or "none yet"}))
        shown.append("Next: srp deliveries --held" if held else "Next: put files into the inbox (srp feeds)")
        return shown
    shown.append(_release(refreshed, manifest))
    folder = home.released if manifest.as_at is None else home.releases / manifest.release_id
    return [*shown, Whole(f"Open: {open_command(folder)}"), "Next: srp status, srp reconcile, srp indicators"]


def open_command(folder: Path) -> str:
    """How somebody opens a release with DuckDB's own program."""
    return f"duckdb -readonly {folder / 'srp.duckdb'}"


def _release(refreshed: Refreshed, manifest: Manifest) -> Rows:
    values: dict[str, Any] = {"release": manifest.release_id + (DEMO if manifest.is_demo else "")}
    if manifest.as_at:
        values["as_at"] = manifest.as_at
        values["current_release"] = (
            f"{refreshed.current or 'none yet'} (an as-at release never becomes current)"
        )
    values |= {
        "known_at": manifest.known_at,
        "tables": f"{len(manifest.tables)}, {sum(t.rows for t in manifest.tables):,} rows",
        "gates": ", ".join(f"{count} {name}" for name, count in manifest.gates.items()),
        "dbt": ", ".join(f"{count} {name}" for name, count in manifest.dbt.items()),
    }
    warnings = {f"warning {number}": text for number, text in enumerate(manifest.warnings, 1)}
    return facts("Released" if manifest.as_at is None else "Released as-at", values | warnings)
