"""Incident logs: anti-social behaviour, domestic abuse, hate that is no crime, and the rest.

Exactly so many callers (a name at an address) ring four times or more about anti-social behaviour in each published
year. Others ring three times, withhold their names, or are misspelt at the fourth call, and stay uncounted.
"""

from __future__ import annotations

import numpy as np

from dagster_srp.demo.areas import Areas
from dagster_srp.demo.crime_marks import drawn_strands
from dagster_srp.demo.days import Ints, year_of
from dagster_srp.demo.people import ADDRESS_ONLY, EXACT, MISSPELT, NAME_ONLY, VARIANT, WITHHELD, People
from dagster_srp.demo.plan import (
    DISTRICTS,
    FISCAL_YEARS,
    HATE_STRANDS,
    PUBLISHED_YEARS,
    Plan,
    recorded_days,
    share_of_year,
    split,
)
from dagster_srp.demo.records import Records, joined, length, numbered_by_year, take

CATEGORIES = (
    "asb_personal",
    "asb_nuisance",
    "asb_environmental",
    "domestic_abuse",
    "hate_non_crime",
    "other",
)
QUALIFIERS = (
    "vehicle_nuisance", "noise", "rowdy_behaviour", "neighbour_dispute", "fireworks", "littering", "begging", "other",
)  # fmt: skip
_DOMESTIC, _HATE, _OTHER = CATEGORIES.index("domestic_abuse"), CATEGORIES.index("hate_non_crime"), 5

_ASB = {2017: 11600, 2018: 10200, 2022: 6300, 2023: 5700, 2024: 5300, 2025: 1450}
_DOMESTIC_INCIDENTS = {2017: 4400, 2018: 4500, 2022: 4700, 2023: 4600, 2024: 4500, 2025: 1120}
_HATE_INCIDENTS = {2017: 210, 2018: 195, 2022: 160, 2023: 150, 2024: 140, 2025: 33}
_OTHER_INCIDENTS = 400
_AWAY = {"asb": 500, "domestic": 300, "hate": 30}
_REPEAT_SHARE = 0.046
"""Repeat callers per ASB incident where nothing is published; it was 0.049 and 0.042 in the published years."""


def make_incidents(plan: Plan, people: People, areas: Areas, seed: int) -> Records:
    """Every incident in its final version, in order of opening."""
    rng = np.random.default_rng([seed, 200])
    parts = []
    for year in FISCAL_YEARS:
        parts += [_asb(rng, plan, people, year), _hate(rng, plan, people, year)]
        domestic = _count(plan, "domestic_abuse_incidents", _DOMESTIC_INCIDENTS, year)
        parts.append(_plain(rng, people, year, _DOMESTIC, domestic))
        parts.append(_plain(rng, people, year, _OTHER, plan.size(_OTHER_INCIDENTS * share_of_year(year))))
        parts += [_away(rng, plan, people, year, district) for district in range(1, len(DISTRICTS))]
    incidents = joined(parts)
    incidents["minute"] = _minutes(rng, length(incidents))
    order = np.lexsort([incidents["minute"], incidents["opened"]])
    incidents = take(incidents, order)
    incidents["lsoa"], incidents["place_bits"] = areas.draw(rng, incidents["district"], incidents["opened"])
    incidents["year"] = year_of(incidents["opened"]).astype(np.int16)
    incidents["number"] = numbered_by_year(incidents["year"])
    return incidents


def _count(plan: Plan, indicator: str, made_up: dict[int, int], year: int) -> int:
    return plan.target(indicator, year) if year in PUBLISHED_YEARS else plan.size(made_up[year])


def _minutes(rng: np.random.Generator, count: int) -> Ints:
    """Minutes of the day, most of them in the evening."""
    return (np.clip(rng.normal(1140, 240, count), 0, 1439 + 360).astype(np.int32)) % 1440


def _rows(
    rng: np.random.Generator, year: int, category: Ints, person: Ints, spelling: Ints, district: int = 0
) -> Records:
    count = len(category)
    asb = category < _DOMESTIC
    qualifier = rng.choice(len(QUALIFIERS), count, p=[0.22, 0.14, 0.3, 0.14, 0.03, 0.04, 0.03, 0.1])
    return {
        "opened": recorded_days(rng, year, count),
        "category": category.astype(np.int8),
        "qualifier": np.where(asb & (rng.random(count) < 0.9), qualifier, -1).astype(np.int8),
        "hate": np.zeros(count, np.int8),
        "district": np.full(count, district, np.int8),
        "person": person.astype(np.int32),
        "spelling": spelling.astype(np.int8),
    }


def _plain(rng: np.random.Generator, people: People, year: int, category: int, count: int) -> Records:
    person = rng.integers(0, people.count, count)
    spelling = rng.choice([EXACT, VARIANT, MISSPELT, WITHHELD], count, p=[0.75, 0.06, 0.04, 0.15])
    return _rows(rng, year, np.full(count, category), person, spelling)


def _asb(rng: np.random.Generator, plan: Plan, people: People, year: int) -> Records:
    """A year's anti-social behaviour, with its repeat callers counted out."""
    total = _count(plan, "asb_incidents_police", _ASB, year)
    published = year in PUBLISHED_YEARS
    repeats = plan.target("asb_repeat_victims", year) if published else round(total * _REPEAT_SHARE)
    person, spelling = _callers(rng, people, total, repeats)
    category = rng.choice(3, total, p=[0.3, 0.6, 0.1])
    rows = _rows(rng, year, category, person, spelling)
    # A hate mark does not turn anti-social behaviour into a hate incident.
    marked = rng.permutation(total)[: plan.size(12)]
    rows["hate"][marked] = drawn_strands(rng, len(marked))
    return rows


def _callers(rng: np.random.Generator, people: People, total: int, repeats: int) -> tuple[Ints, Ints]:
    """Who calls, and how it is written down: exactly `repeats` of the callers occur four times or more."""
    pool = rng.permutation(people.count)
    often = 4 + np.minimum(rng.geometric(0.55, repeats) - 1, 20)
    thrice = np.full(round(repeats * 0.6), 3)
    twice = np.full(round(repeats * 1.3), 2)
    times = np.concatenate([often, thrice, twice])
    known = np.repeat(pool[: len(times)], times)
    # Three calls, and a fourth under a misspelt name: once for each of these people, so that no new group arises.
    missed = pool[repeats : repeats + len(thrice) // 2]
    withheld, partly = round(total * 0.2), round(total * 0.04)
    once = max(total - len(known) - len(missed) - withheld - 2 * partly, 0)
    singles = pool[len(times) : len(times) + once + 2 * partly]
    person = np.concatenate([known, missed, np.full(withheld, -1), singles])
    spelling = np.concatenate(
        [
            rng.choice([EXACT, VARIANT], len(known), p=[0.85, 0.15]),
            np.full(len(missed), MISSPELT),
            np.full(withheld, WITHHELD),
            np.full(partly, ADDRESS_ONLY),
            np.full(partly, NAME_ONLY),
            rng.choice([EXACT, VARIANT, MISSPELT], once, p=[0.9, 0.06, 0.04]),
        ]
    )
    return person[:total], spelling[:total]


def _hate(rng: np.random.Generator, plan: Plan, people: People, year: int) -> Records:
    """Hate incidents, an incident under each of its strands once: more marks than incidents."""
    count = _count(plan, "hate_incidents", _HATE_INCIDENTS, year)
    if year in PUBLISHED_YEARS:
        marks = np.array([plan.target(f"hate_incidents_{strand}", year) for strand in HATE_STRANDS])
    else:
        marks = split(round(count * 1.07), np.array([22, 167, 16, 29, 6]))
    rows = _plain(rng, people, year, _HATE, count)
    rows["hate"] = _strand_sets(marks, count)[rng.permutation(count)]
    return rows


def _strand_sets(marks: Ints, count: int) -> Ints:
    """Sets of strands as bits, none empty, with so many marks of each strand.

    The marks are dealt out strand by strand; those beyond the number of incidents go to the first incidents again, the
    very last to the very first, so that one incident carries three strands.
    """
    strand = np.repeat(np.arange(len(marks)), marks)
    place = np.arange(len(strand)) % max(count, 1)
    if len(strand) > count + 2 and strand[-1] not in (strand[0], strand[count]):
        place[-1] = 0
    sets = np.zeros(count, np.int8)
    np.bitwise_or.at(sets, place, np.left_shift(1, strand).astype(np.int8))
    return sets


def _away(rng: np.random.Generator, plan: Plan, people: People, year: int, district: int) -> Records:
    """A thin layer of incidents in a neighbouring district."""
    counts = np.array([plan.size(_AWAY[kind] * share_of_year(year)) for kind in ("asb", "domestic", "hate")])
    category = np.repeat([1, _DOMESTIC, _HATE], counts)
    total = len(category)
    person, spelling = rng.integers(0, people.count, total), rng.choice([EXACT, VARIANT, WITHHELD], total)
    rows = _rows(rng, year, category, person, spelling, district)
    rows["hate"] = np.where(category == _HATE, drawn_strands(rng, total), 0).astype(np.int8)
    return rows
