"""What the judgements of this room read from the seeds: limits, and which indicators a feed is counted in.

What belongs here: reading definitions. What does not: the limits themselves, which are dated rows with their reasons.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

SEEDS = Path(__file__).parents[2] / "seeds"


def limits_of(seed: str, seeds: Path = SEEDS) -> dict[str, float]:
    """The limits of a seed that hold today, by their names."""
    return {
        row["limit_id"]: float(row["value"]) for row in _rows(seeds / f"{seed}.csv") if not row["valid_to"]
    }


@cache
def feeds_of_indicators(seeds: Path = SEEDS) -> dict[str, frozenset[str]]:
    """The feeds that each indicator of today's register is counted from."""
    return {
        row["indicator_id"]: frozenset(row["source_feeds"].split(";"))
        for row in _rows(seeds / "indicators.csv")
        if not row["valid_to"]
    }


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
