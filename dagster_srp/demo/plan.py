"""What the demo's records must add up to: the financial years written, and the published figures as targets.

At scale 1 the targets are the published figures themselves; at another scale they are multiplied and rounded.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dagster_srp.demo.days import Ints, day, month

SEEDS = Path(__file__).resolve().parents[2] / "seeds"

DISTRICTS = ("E08000018", "E08000016", "E08000017", "E08000019")
"""Rotherham first: index 0 is the home district everywhere in this package. Then Barnsley, Doncaster, Sheffield."""

FISCAL_YEARS = (2015, 2016, 2017, 2018, 2022, 2023, 2024, 2025)
PUBLISHED_YEARS = (2015, 2016)
LAST_MONTH = month(2025, 6)

ROTHERHAM_CRIMES = {2017: 24350, 2018: 25100, 2022: 26200, 2023: 25600, 2024: 24900, 2025: 6150}
"""Made up, near what the open data shows; the years not listed are published."""
OTHER_DISTRICT_CRIMES = {2017: 900, 2018: 900, 2022: 900, 2023: 900, 2024: 900, 2025: 230}
"""The neighbours are thin where nothing is published about the force."""

HATE_QUARTERS_2018 = ((9, 70), (14, 71), (10, 70), (5, 72))
"""Positive outcomes and hate crimes by quarter of 2018/19. Only the rates were published; these are counts that give
each of them, and the year's, to the printed decimal."""

HATE_STRANDS = ("disability", "race", "religion", "sexual_orientation", "transgender")


@dataclass(frozen=True)
class Plan:
    """The sizes of everything, for one scale."""

    scale: float
    published: Mapping[tuple[str, int], int]
    """(indicator, financial year) to the count."""

    def size(self, number: float) -> int:
        """A made-up volume at this scale."""
        return round(number * self.scale)

    def target(self, indicator: str, fiscal_year: int) -> int:
        """A published count at this scale."""
        return self.size(self.published[indicator, fiscal_year])

    @property
    def hate_quarters(self) -> list[tuple[int, int]]:
        """Positive outcomes and hate crimes for the quarters of 2018/19."""
        return [(self.size(positive), self.size(crimes)) for positive, crimes in HATE_QUARTERS_2018]


def load_plan(scale: float, seeds: Path = SEEDS) -> Plan:
    """The plan, with the published counts of the seed."""
    published = {}
    with (seeds / "published_figures.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["unit"] == "count":
                year = dt.date.fromisoformat(row["period_start"]).year
                published[row["indicator_id"], year] = int(float(row["value"]))
    return Plan(scale, published)


def year_days(fiscal_year: int) -> tuple[int, int]:
    """First day of a financial year, and the day after its last that the demo covers."""
    first = day(dt.date(fiscal_year, 4, 1))
    last = dt.date(fiscal_year, 7, 1) if fiscal_year == 2025 else dt.date(fiscal_year + 1, 4, 1)
    return first, day(last)


def fiscal_months(fiscal_year: int) -> range:
    """The months of a financial year that the demo covers."""
    first = month(fiscal_year, 4)
    return range(first, min(first + 12, LAST_MONTH + 1))


def share_of_year(fiscal_year: int) -> float:
    """How much of a financial year the demo covers."""
    return len(fiscal_months(fiscal_year)) / 12


def split(total: int, weights: Ints) -> Ints:
    """A total shared out by weight in whole numbers that add up to it (largest remainders)."""
    exact = total * np.asarray(weights, float) / np.sum(weights)
    parts: npt.NDArray[np.int64] = np.asarray(np.floor(exact), np.int64)
    parts[np.argsort(parts - exact, kind="stable")[: total - parts.sum()]] += 1
    return parts


def recorded_days(rng: np.random.Generator, fiscal_year: int, count: int) -> Ints:
    """Days of a financial year, more of them in summer and at week-ends."""
    first, end = year_days(fiscal_year)
    days = np.arange(first, end)
    season = 1 + 0.12 * np.cos(2 * np.pi * (days - first - 100) / 365.25)
    weekend = np.where((days + 3) % 7 >= 5, 1.15, 1.0)
    weight = season * weekend
    return rng.choice(days, count, p=weight / weight.sum()).astype(np.int32)
