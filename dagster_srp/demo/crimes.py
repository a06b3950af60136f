"""Recorded crimes: how many of what, when recorded and when committed.

The same crime falls in one year by its recorded date and perhaps in another by its committed date. Where the reports
publish a group on both bases, the crimes that cross 1 April are counted out here so that both totals come true.
"""

from __future__ import annotations

import numpy as np

from dagster_srp.demo.areas import Areas
from dagster_srp.demo.crime_marks import mark
from dagster_srp.demo.days import Ints, year_of
from dagster_srp.demo.offences import DWELLING_BURGLARY, SEXUAL, SUBGROUPS, Offences, proportions
from dagster_srp.demo.people import People
from dagster_srp.demo.plan import (
    DISTRICTS,
    FISCAL_YEARS,
    OTHER_DISTRICT_CRIMES,
    PUBLISHED_YEARS,
    ROTHERHAM_CRIMES,
    Plan,
    recorded_days,
    split,
    year_days,
)
from dagster_srp.demo.records import Records, chosen, joined, numbered_by_year, take

HOME = 0
_DISTRICT_WEIGHTS = np.array([0.0, 20.7, 31.6, 47.7])
_VIOLENCE_ON_BOTH_LISTS = (
    SUBGROUPS.index("violence_with_injury"),
    SUBGROUPS.index("violence_without_injury"),
)
_RECORDED_BEYOND_COMMITTED = 7
"""The reports give dwelling burglary on the committed basis alone; the demo records a few more than that."""


def make_crimes(plan: Plan, people: People, areas: Areas, offences: Offences, seed: int) -> Records:
    """Every crime in its final version, in order of recording."""
    rng = np.random.default_rng([seed, 100])
    parts = [_recorded(rng, plan, year, place) for year in FISCAL_YEARS for place in range(len(DISTRICTS))]
    crimes = joined(parts)
    crimes = take(crimes, np.argsort(crimes["recorded"], kind="stable"))
    crimes["committed"] = _committed(rng, plan, crimes)
    lasted = rng.choice([0, 0, 0, 1, 2, 7], len(crimes["recorded"])).astype(np.int32)
    crimes["committed_to"] = np.minimum(crimes["committed"] + lasted, crimes["recorded"])
    crimes["code"] = offences.draw(rng, crimes["fiscal_year"], crimes["subgroup"])
    crimes["lsoa"], crimes["place_bits"] = areas.draw(rng, crimes["district"], crimes["recorded"])
    crimes["year"] = year_of(crimes["recorded"]).astype(np.int16)
    crimes["number"] = numbered_by_year(crimes["year"])
    mark(rng, plan, people, crimes)
    return crimes


def _recorded(rng: np.random.Generator, plan: Plan, fiscal_year: int, district: int) -> Records:
    counts = _volumes(plan, fiscal_year, district)
    total = sum(counts.values())
    order = rng.permutation(total)
    subgroup = np.repeat([SUBGROUPS.index(name) for name in counts], list(counts.values())).astype(np.int8)
    return {
        "fiscal_year": np.full(total, fiscal_year, np.int16),
        "district": np.full(total, district, np.int8),
        "subgroup": subgroup[order],
        "recorded": recorded_days(rng, fiscal_year, total),
    }


def _volumes(plan: Plan, fiscal_year: int, district: int) -> dict[str, int]:
    """How many crimes of each subgroup are recorded in a district and year."""
    if district == HOME and fiscal_year in PUBLISHED_YEARS:
        named = ("violence_with_injury", "violence_without_injury", "rape", "other_sexual_offences")
        exact = {name: plan.target(name, fiscal_year) for name in (*named, "criminal_damage", "arson")}
        committed = plan.target("residential_burglary_committed", fiscal_year)
        exact["burglary_dwelling"] = committed + plan.size(_RECORDED_BEYOND_COMMITTED)
        rest = plan.target("all_crime_rotherham", fiscal_year) - sum(exact.values())
        return exact | _shared_out(rest, fiscal_year, unpublished_only=True)
    if district == HOME:
        return _shared_out(plan.size(ROTHERHAM_CRIMES[fiscal_year]), fiscal_year)
    if fiscal_year in PUBLISHED_YEARS:
        force = plan.target("all_crime_force", fiscal_year) - plan.target("all_crime_rotherham", fiscal_year)
        return _shared_out(int(split(force, _DISTRICT_WEIGHTS)[district]), fiscal_year)
    return _shared_out(plan.size(OTHER_DISTRICT_CRIMES[fiscal_year]), fiscal_year)


def _shared_out(total: int, fiscal_year: int, unpublished_only: bool = False) -> dict[str, int]:
    weights = proportions(fiscal_year, unpublished_only)
    parts = split(total, np.array(list(weights.values())))
    return {name: int(part) for name, part in zip(weights, parts, strict=True)}


def _committed(rng: np.random.Generator, plan: Plan, crimes: Records) -> Ints:
    """The day each crime was (first) committed."""
    recorded, home = crimes["recorded"], crimes["district"] == HOME
    delay = _delays(rng, len(recorded))
    sexual = np.isin(crimes["subgroup"], SEXUAL)
    for year in FISCAL_YEARS:
        here = np.flatnonzero(sexual & home & (crimes["fiscal_year"] == year))
        delay[here] = _sexual_delays(rng, _recency(plan, year, len(here)))
    elsewhere = np.flatnonzero(sexual & ~home)
    delay[elsewhere] = _sexual_delays(rng, split(len(elsewhere), np.array([42, 15, 43])))
    committed = (recorded - delay).astype(np.int32)
    both_bases = (
        ("violence_against_the_person_committed", np.isin(crimes["subgroup"], _VIOLENCE_ON_BOTH_LISTS)),
        ("residential_burglary_committed", np.isin(crimes["subgroup"], DWELLING_BURGLARY)),
    )
    others = home & np.isin(crimes["subgroup"], [SUBGROUPS.index("stalking_and_harassment")])
    _keep_out(committed, recorded, others)
    for indicator, group in both_bases:
        targets = [plan.target(indicator, year) for year in PUBLISHED_YEARS]
        _cross_the_years(rng, crimes, committed, home & group, targets)
    return committed


def _recency(plan: Plan, fiscal_year: int, total: int) -> Ints:
    """How many sexual offences are current, non-recent and historic."""
    if fiscal_year in PUBLISHED_YEARS:
        bands = ("current", "non_recent", "historic")
        wanted = np.array([plan.target(f"sexual_offences_{band}", fiscal_year) for band in bands])
        return wanted if wanted.sum() == total else split(total, wanted)
    return split(total, np.array([42, 15, 43]))


def _delays(rng: np.random.Generator, count: int) -> Ints:
    """Days from the deed to the record, for crimes in general."""
    kind = rng.choice(5, count, p=[0.6, 0.25, 0.1, 0.04, 0.01])
    low, high = np.array([0, 1, 4, 31, 366]), np.array([1, 4, 31, 366, 1500])
    return rng.integers(low[kind], high[kind]).astype(np.int32)


def _sexual_delays(rng: np.random.Generator, bands: Ints) -> Ints:
    """Days from the deed to the record, so many in each band of recency, the bands' edges among them."""
    current = np.concatenate([[0, 30], np.minimum(rng.exponential(7, bands[0]), 30)])[: bands[0]]
    non_recent = np.concatenate([[31, 365], rng.integers(31, 366, bands[1])])[: bands[1]]
    historic = np.concatenate([[366], 366 + np.minimum(rng.exponential(4500, bands[2]), 17500)])[: bands[2]]
    return rng.permutation(np.concatenate([current, non_recent, historic]).astype(np.int32))


def _keep_out(committed: Ints, recorded: Ints, group: Ints) -> None:
    """Crimes recorded after the published years were not committed in them."""
    first, end = year_days(PUBLISHED_YEARS[0])[0], year_days(PUBLISHED_YEARS[-1])[1]
    wrong = group & (recorded >= end) & (committed >= first) & (committed < end)
    committed[wrong] = recorded[wrong]


def _cross_the_years(
    rng: np.random.Generator, crimes: Records, committed: Ints, group: Ints, targets: list[int]
) -> None:
    """Moves committed dates across 1 April until each published year holds its number by that date.

    By recorded year against committed year: some crimes of 2016/17 were committed in 2015/16, some of 2017/18 in
    either; what is then too much in a year was committed before all of them.
    """
    recorded, fiscal_year = crimes["recorded"], crimes["fiscal_year"]
    starts = [year_days(year)[0] for year in (2015, 2016, 2017)]
    _keep_out(committed, recorded, group)
    for year, start in zip((2015, 2016, 2017), starts, strict=True):
        here = group & (fiscal_year == year)
        committed[here] = np.maximum(committed[here], start)
    by_year = [int((group & (fiscal_year == year)).sum()) for year in (2015, 2016, 2017)]
    from_15_to_16, from_15_to_17 = round(0.015 * by_year[1]), round(0.003 * by_year[2])
    from_16_to_17 = round(0.0125 * by_year[1])
    long_before_to_15 = by_year[0] - targets[0] + from_15_to_16 + from_15_to_17
    long_before_to_16 = by_year[1] - targets[1] + from_16_to_17 - from_15_to_16
    moves = (
        (2015, starts[0], 900.0, 3000, long_before_to_15),
        (2016, starts[0], 900.0, 3000, long_before_to_16),
        (2016, starts[1], 30.0, 365, from_15_to_16),
        (2017, starts[1], 90.0, 365, from_15_to_17),
        (2017, starts[2], 30.0, 365, from_16_to_17),
    )
    moved = np.zeros(len(recorded), bool)
    for year, before, mean, most, count in moves:
        early = recorded < year_days(year)[0] + 200
        places = chosen(rng, group & ~moved & early & (fiscal_year == year), max(count, 0))
        committed[places] = (
            before - 1 - np.minimum(rng.exponential(mean, len(places)), most - 1).astype(np.int32)
        )
        moved[places] = True
