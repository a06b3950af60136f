"""The places of South Yorkshire, as published, and how records get one.

`facts/` holds the LSOAs, wards, districts and changes since 2011 of the four districts, taken from the ONS lookups
(LSOA 2021 to ward 2024, LSOA 2011 to 2021, district to Community Safety Partnership), Census 2021 residents and the
Index of Multiple Deprivation 2025 (MHCLG). Contains public sector information licensed under the Open Government
Licence v3.0.
"""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from dagster_srp.demo.days import Ints, day
from dagster_srp.demo.plan import DISTRICTS, SEEDS
from dagster_srp.demo.text import labels

FACTS = Path(__file__).parent / "facts"
WARDS_REDRAWN = day(dt.date(2021, 5, 6))

WITH_WARD, OLD_LSOA = 1, 2
"""Bits of how a record gives its place."""


def facts(name: str) -> list[dict[str, str]]:
    """The rows of a file of published facts."""
    return _rows(FACTS / f"{name}.csv")


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@dataclass(frozen=True)
class Areas:
    """LSOAs by index, their codes in both editions, their wards in both eras, and who lives there."""

    lsoa21: pa.Array
    lsoa11: pa.Array
    ward_now: pa.Array
    ward_then: pa.Array
    of_district: list[Ints]
    weight: list[Ints]

    def draw(self, rng: np.random.Generator, district: Ints, days: Ints) -> tuple[Ints, Ints]:
        """An LSOA for each record (or none, -1) and the bits of how its place is given."""
        count = len(district)
        lsoa = np.full(count, -1, np.int16)
        for index, candidates in enumerate(self.of_district):
            here = np.flatnonzero(district == index)
            lsoa[here] = rng.choice(candidates, len(here), p=self.weight[index])
        chance = rng.random(count)
        bits = np.where(chance < 0.88, WITH_WARD, 0)
        bits = bits + np.where((days < WARDS_REDRAWN) | (rng.random(count) < 0.05), OLD_LSOA, 0)
        lsoa[chance > 0.98] = -1
        return lsoa, bits.astype(np.int8)

    def lsoa_text(self, lsoa: Ints, bits: Ints) -> pa.Array:
        """The LSOA code as given: of 2011 or of 2021."""
        both = pa.concat_arrays([self.lsoa21, self.lsoa11])
        old = np.where(bits & OLD_LSOA, len(self.lsoa21), 0)
        return labels(both, np.where(lsoa < 0, -1, lsoa + old))

    def ward_text(self, lsoa: Ints, bits: Ints, days: Ints) -> pa.Array:
        """The ward code as given: of the era in which it happened."""
        both = pa.concat_arrays([self.ward_now, self.ward_then])
        old = np.where(days < WARDS_REDRAWN, len(self.lsoa21), 0)
        return labels(both, np.where((lsoa < 0) | (bits & WITH_WARD == 0), -1, lsoa + old))


def load_areas(seeds: Path = SEEDS) -> Areas:
    """The places; Rotherham's wards of 2004 to 2021 come from the register of wards."""
    wards = {row["ward_code"]: row for row in facts("wards")}
    old_wards = [row for row in _rows(seeds / "wards.csv") if row["era"] == "2004 to 2021"]
    old_lsoa = {row["lsoa21_code"]: row["lsoa11_code"] for row in facts("lsoa_changes")}
    lsoas = facts("lsoas")
    district = np.array([DISTRICTS.index(wards[row["ward_code"]]["district_code"]) for row in lsoas])
    # Deprived places have more recorded crime: three times as much in the first decile as in the tenth.
    pressure = np.array([int(row["residents"]) * (3.2 - 0.2 * int(row["imd_decile"])) for row in lsoas])
    members = [np.flatnonzero(district == index) for index in range(len(DISTRICTS))]
    return Areas(
        lsoa21=pa.array([row["lsoa21_code"] for row in lsoas], pa.string()),
        lsoa11=pa.array([old_lsoa.get(row["lsoa21_code"], row["lsoa21_code"]) for row in lsoas], pa.string()),
        ward_now=pa.array([row["ward_code"] for row in lsoas], pa.string()),
        ward_then=pa.array(
            [
                _old_ward(wards[row["ward_code"]]["ward_name"], old_wards) if home else row["ward_code"]
                for row, home in zip(lsoas, district == 0, strict=True)
            ],
            pa.string(),
        ),
        of_district=members,
        weight=[pressure[here] / pressure[here].sum() for here in members],
    )


def _old_ward(name: str, old_wards: list[dict[str, str]]) -> str | None:
    """A former ward that began with the same word; the demo gives none where there was no such ward."""
    same = [row["ward_code"] for row in old_wards if row["ward_name"].split()[0] == name.split()[0]]
    exact = [row["ward_code"] for row in old_wards if row["ward_name"] == name]
    return next(iter(exact + same), None)
