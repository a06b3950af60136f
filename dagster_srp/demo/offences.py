"""Offence codes of the day, by subgroup, with how common each is.

Which code belongs to which subgroup on which day is the register's to say (`seeds/offence_groups.csv`); only the
commonness is the demo's.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dagster_srp.demo.days import Ints, date_of
from dagster_srp.demo.plan import FISCAL_YEARS, SEEDS, year_days

_COMMON = {
    "8/06": 45, "8N/00": 40, "5D/00": 6, "8/01": 4, "105A/00": 60, "104/23": 6, "3/01": 4, "8L/00": 25, "8R/00": 12,
    "28A/00": 75, "28B/00": 20, "28E/00": 70, "28F/00": 20, "30A/00": 80, "30B/00": 15, "30C/00": 80, "58C/00": 45,
    "58A/00": 25, "58B/00": 10, "58D/00": 20, "56B/00": 70, "19C/08": 40, "19D/07": 15, "20A/00": 30, "22B/00": 25,
    "9A/00": 80, "66/00": 12, "49/10": 55, "40/00": 20, "45/10": 80, "48/01": 60, "92E/00": 70, "54/01": 25,
    "10D/00": 35, "10B/00": 25, "34B/01": 80, "46/00": 1, "79/00": 10, "99/00": 15,
}  # fmt: skip
_SELDOM = 1

_BEFORE_2017 = {
    "burglary_non_dwelling": 1150, "robbery_of_personal_property": 160, "robbery_of_business_property": 30,
    "theft_of_vehicle": 640, "theft_from_vehicle": 1650, "vehicle_interference": 210, "shoplifting": 2300,
    "theft_from_the_person": 190, "bicycle_theft": 240, "other_theft": 2050, "possession_of_drugs": 430,
    "trafficking_of_drugs": 120, "possession_of_weapons": 140, "public_order": 820, "miscellaneous": 330,
}  # fmt: skip
"""What crime there is outside the groups that the reports publish, in proportion."""
_PUBLISHED_BEFORE_2017 = {
    "violence_with_injury": 2200, "violence_without_injury": 2000, "rape": 290, "other_sexual_offences": 490,
    "criminal_damage": 3220, "arson": 170, "burglary_dwelling": 1190,
}  # fmt: skip
_SINCE_2017 = {
    "violence_with_injury": 2620, "violence_without_injury": 3560, "stalking_and_harassment": 3700, "homicide": 3,
    "death_or_serious_injury_unlawful_driving": 4, "rape": 380, "other_sexual_offences": 570,
    "criminal_damage": 2700, "arson": 180, "residential_burglary": 1250, "non_residential_burglary": 500,
    "robbery_of_personal_property": 240, "robbery_of_business_property": 45, "theft_of_vehicle": 800,
    "theft_from_vehicle": 900, "vehicle_interference": 190, "shoplifting": 2000, "theft_from_the_person": 120,
    "bicycle_theft": 120, "other_theft": 1600, "possession_of_drugs": 600, "trafficking_of_drugs": 200,
    "possession_of_weapons": 390, "public_order": 2300, "miscellaneous": 950,
}  # fmt: skip

SUBGROUPS = tuple(dict.fromkeys([*_BEFORE_2017, *_PUBLISHED_BEFORE_2017, *_SINCE_2017]))
VIOLENCE = tuple(
    SUBGROUPS.index(name)
    for name in (
        "violence_with_injury", "violence_without_injury", "stalking_and_harassment", "homicide",
        "death_or_serious_injury_unlawful_driving",
    )
)  # fmt: skip
SEXUAL = (SUBGROUPS.index("rape"), SUBGROUPS.index("other_sexual_offences"))
DWELLING_BURGLARY = (SUBGROUPS.index("burglary_dwelling"), SUBGROUPS.index("residential_burglary"))


def proportions(fiscal_year: int, unpublished_only: bool = False) -> Mapping[str, int]:
    """How recorded crime divides into subgroups in a financial year."""
    if fiscal_year >= 2017:
        return _SINCE_2017
    return _BEFORE_2017 if unpublished_only else _BEFORE_2017 | _PUBLISHED_BEFORE_2017


@dataclass(frozen=True)
class Offences:
    """The codes, and for each financial year the codes of each subgroup with their chances."""

    codes: list[str]
    of_year: dict[int, dict[str, tuple[Ints, Ints]]]

    def draw(self, rng: np.random.Generator, fiscal_year: Ints, subgroup: Ints) -> Ints:
        """A code for each record, out of its subgroup on the list of its day."""
        code = np.zeros(len(subgroup), np.int16)
        for year in np.unique(fiscal_year):
            for index in np.unique(subgroup[fiscal_year == year]):
                here = np.flatnonzero((fiscal_year == year) & (subgroup == index))
                codes, chances = self.of_year[int(year)][SUBGROUPS[index]]
                code[here] = rng.choice(codes, len(here), p=chances)
        return code


def load_offences(seeds: Path = SEEDS) -> Offences:
    """The codes of the register that were valid throughout each of the demo's years."""
    with (seeds / "offence_groups.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    codes = sorted({row["offence_code"] for row in rows})
    place = {code: index for index, code in enumerate(codes)}
    of_year = {}
    for year in FISCAL_YEARS:
        first, end = (date_of(number) for number in year_days(year))
        valid = [row for row in rows if row["valid_from"] <= first.isoformat() and _ends_after(row, end)]
        of_year[year] = {
            name: _chances([row["offence_code"] for row in valid if row["offence_subgroup"] == name], place)
            for name in proportions(year)
        }
    return Offences(codes, of_year)


def _ends_after(row: dict[str, str], end: dt.date) -> bool:
    return not row["valid_to"] or row["valid_to"] >= (end - dt.timedelta(days=1)).isoformat()


def _chances(codes: list[str], place: dict[str, int]) -> tuple[Ints, Ints]:
    weights = np.array([_COMMON.get(code, _SELDOM) for code in codes], float)
    return np.array([place[code] for code in codes], np.int16), weights / weights.sum()
