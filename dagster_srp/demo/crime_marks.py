"""What marks a crime beside its offence: tags, hate strands, whether in a dwelling, complainant and suspects.

The published counts by tag are met by choosing exactly so many of the crimes that could carry it.
"""

from __future__ import annotations

import numpy as np

from dagster_srp.demo.days import Ints, fiscal_year_of
from dagster_srp.demo.offences import DWELLING_BURGLARY, SEXUAL, SUBGROUPS, VIOLENCE
from dagster_srp.demo.people import EXACT, MISSPELT, VARIANT, WITHHELD, People
from dagster_srp.demo.plan import HATE_STRANDS, PUBLISHED_YEARS, Plan, fiscal_months, year_days
from dagster_srp.demo.records import Records, chosen

TAGS = ("cse", "cce", "domestic_abuse", "honour_based_violence", "forced_marriage", "knife", "online")

_DOMESTIC = {2017: 2900, 2018: 3500, 2022: 4700, 2023: 4600, 2024: 4450, 2025: 1090}
_CSE = {2018: 180, 2022: 120, 2023: 110, 2024: 105, 2025: 26}
_CSE_2017_FROM = {2015: 3, 2016: 7}
_CSE_2017_OTHER = 210
_CSE_2016_FROM_2015 = 9
_CCE = {2018: 12, 2022: 40, 2023: 48, 2024: 55, 2025: 14}
_HONOUR = {2017: 5, 2018: 6, 2022: 8, 2023: 9, 2024: 8, 2025: 2}
_FORCED = {2017: 1, 2018: 2, 2022: 1, 2023: 2, 2024: 1, 2025: 0}
_HATE = {2015: 150, 2016: 205, 2017: 240, 2022: 390, 2023: 370, 2024: 355, 2025: 88}

_WITHOUT_PERSON = {
    "shoplifting": 0.97, "possession_of_drugs": 1.0, "trafficking_of_drugs": 1.0, "possession_of_weapons": 1.0,
    "miscellaneous": 0.7, "robbery_of_business_property": 0.9, "burglary_non_dwelling": 0.6,
    "non_residential_burglary": 0.6, "public_order": 0.4, "burglary_dwelling": 0.0, "residential_burglary": 0.0,
}  # fmt: skip


def mark(rng: np.random.Generator, plan: Plan, people: People, crimes: Records) -> None:
    """Adds the columns tags, hate, dwelling, person, spelling and suspects."""
    crimes["tags"] = np.zeros(len(crimes["recorded"]), np.int16)
    _mark_home(rng, plan, crimes)
    _mark_child_sexual_exploitation(rng, plan, crimes)
    _mark_by_chance(rng, crimes)
    crimes["hate"] = _hate(rng, plan, crimes)
    crimes["dwelling"] = _dwelling(rng, crimes)
    _complainants(rng, plan, people, crimes)
    pool = max(200, plan.size(15_000))
    chance = rng.random(len(crimes["recorded"]))
    crimes["suspect"] = np.where(chance < 0.4, rng.integers(0, pool, len(chance)), -1).astype(np.int32)
    crimes["second_suspect"] = np.where(chance < 0.05, rng.integers(0, pool, len(chance)), -1).astype(
        np.int32
    )


def _of(crimes: Records, *names: str) -> Ints:
    return np.isin(crimes["subgroup"], [SUBGROUPS.index(name) for name in names])


def _tag(crimes: Records, places: Ints, tag: str) -> None:
    crimes["tags"][places] |= 1 << TAGS.index(tag)


def _mark_home(rng: np.random.Generator, plan: Plan, crimes: Records) -> None:
    home = crimes["district"] == 0
    violent = np.isin(crimes["subgroup"], VIOLENCE)
    domestic = violent | np.isin(crimes["subgroup"], SEXUAL) | _of(crimes, "criminal_damage", "public_order")
    drugs = _of(crimes, "trafficking_of_drugs", "possession_of_weapons")
    wanted = (
        ("domestic_abuse", "domestic_abuse_crimes", _DOMESTIC, domestic),
        ("honour_based_violence", "honour_based_violence_crimes", _HONOUR, violent),
        ("forced_marriage", "forced_marriage_crimes", _FORCED, violent),
        ("cce", None, _CCE, drugs),
    )
    for tag, indicator, made_up, possible in wanted:
        for year in (*(PUBLISHED_YEARS if indicator else ()), *made_up):
            published = indicator is not None and year in PUBLISHED_YEARS
            count = plan.target(str(indicator), year) if published else plan.size(made_up[year])
            _tag(crimes, chosen(rng, home & possible & (crimes["fiscal_year"] == year), count), tag)


def _mark_child_sexual_exploitation(rng: np.random.Generator, plan: Plan, crimes: Records) -> None:
    """So many recorded and so many committed in each published year, out of the sexual offences."""
    possible = (crimes["district"] == 0) & np.isin(crimes["subgroup"], SEXUAL)
    recorded, committed = crimes["fiscal_year"], fiscal_year_of(crimes["committed"])

    def pick(recorded_in: int, committed_in: Ints, count: int) -> None:
        _tag(crimes, chosen(rng, possible & (recorded == recorded_in) & committed_in, max(count, 0)), "cse")

    later = {year: plan.size(count) for year, count in _CSE_2017_FROM.items()}
    carried = plan.size(_CSE_2016_FROM_2015)
    same_15 = plan.target("cse_tagged_offences_committed", 2015) - carried - later[2015]
    same_16 = plan.target("cse_tagged_offences_committed", 2016) - later[2016]
    pick(2015, committed == 2015, same_15)
    pick(2015, committed < 2015, plan.target("cse_tagged_offences_recorded", 2015) - same_15)
    pick(2016, committed == 2016, same_16)
    pick(2016, committed == 2015, carried)
    pick(2016, committed < 2015, plan.target("cse_tagged_offences_recorded", 2016) - same_16 - carried)
    for year, count in later.items():
        pick(2017, committed == year, count)
    elsewhen = ~np.isin(committed, PUBLISHED_YEARS)
    pick(2017, elsewhen, plan.size(_CSE_2017_OTHER))
    for year, count in _CSE.items():
        pick(year, elsewhen, plan.size(count))


def _mark_by_chance(rng: np.random.Generator, crimes: Records) -> None:
    """The tags that no report publishes, and every tag in the other districts."""
    chance = rng.random(len(crimes["recorded"]))
    knife = _of(crimes, "violence_with_injury", "robbery_of_personal_property", "possession_of_weapons")
    online = _of(crimes, "stalking_and_harassment", "other_sexual_offences", "miscellaneous")
    _tag(crimes, np.flatnonzero(knife & (chance < 0.08)), "knife")
    _tag(crimes, np.flatnonzero(online & (chance > 0.9) & (crimes["fiscal_year"] >= 2017)), "online")
    away = crimes["district"] != 0
    violent, sexual = np.isin(crimes["subgroup"], VIOLENCE), np.isin(crimes["subgroup"], SEXUAL)
    _tag(crimes, np.flatnonzero(away & violent & (chance > 0.6)), "domestic_abuse")
    _tag(crimes, np.flatnonzero(away & sexual & (chance > 0.8)), "cse")


def _hate(rng: np.random.Generator, plan: Plan, crimes: Records) -> Ints:
    """Sets of strands as bits; the hate crimes of 2018/19 in exactly the planned numbers by quarter."""
    possible = np.isin(crimes["subgroup"], VIOLENCE[:3]) | _of(crimes, "public_order", "criminal_damage")
    home = possible & (crimes["district"] == 0)
    places = [
        chosen(rng, home & (crimes["fiscal_year"] == year), plan.size(count)) for year, count in _HATE.items()
    ]
    months = list(fiscal_months(2018))
    first = year_days(2018)[0]
    bounds = [first + days for days in (0, 91, 183, 275, 365)]
    assert len(months) == 12
    for quarter, (_, count) in enumerate(plan.hate_quarters):
        within = (crimes["recorded"] >= bounds[quarter]) & (crimes["recorded"] < bounds[quarter + 1])
        places.append(chosen(rng, home & within, count))
    away = possible & (crimes["district"] != 0) & (rng.random(len(home)) < 0.025)
    places.append(np.flatnonzero(away))
    here = np.concatenate(places)
    strands = np.zeros(len(home), np.int8)
    strands[here] = drawn_strands(rng, len(here))
    return strands


def drawn_strands(rng: np.random.Generator, count: int) -> Ints:
    """A strand for each record, sometimes two."""
    chances = [0.1, 0.66, 0.06, 0.13, 0.05]
    first = rng.choice(len(HATE_STRANDS), count, p=chances)
    second = rng.choice(len(HATE_STRANDS), count, p=chances)
    bits = np.left_shift(1, first)
    return np.where(rng.random(count) < 0.06, bits | np.left_shift(1, second), bits).astype(np.int8)


def _dwelling(rng: np.random.Generator, crimes: Records) -> Ints:
    """Burglary of a dwelling always; since 2017 a residential burglary may be of a shed, which is none."""
    chance = rng.random(len(crimes["recorded"]))
    burglary = np.isin(crimes["subgroup"], DWELLING_BURGLARY)
    published = np.isin(fiscal_year_of(crimes["committed"]), PUBLISHED_YEARS)
    shed = (crimes["fiscal_year"] >= 2017) & ~published & (chance < 0.12)
    never = _of(crimes, "burglary_non_dwelling", "non_residential_burglary", "shoplifting")
    often = np.isin(crimes["subgroup"], VIOLENCE) | np.isin(crimes["subgroup"], SEXUAL)
    elsewhere = ~never & (chance < np.where(often, 0.4, 0.1))
    return np.where(burglary, ~shed, elsewhere)


def _complainants(rng: np.random.Generator, plan: Plan, people: People, crimes: Records) -> None:
    count = len(crimes["recorded"])
    without = np.array([_WITHOUT_PERSON.get(name, 0.08) for name in SUBGROUPS])[crimes["subgroup"]]
    person = np.where(rng.random(count) < without, -1, rng.integers(0, people.count, count)).astype(np.int32)
    # Domestic abuse comes back to the same people.
    abused = np.flatnonzero(crimes["tags"] & 1 << TAGS.index("domestic_abuse"))
    often = rng.permutation(people.count)[: 1 + len(abused) // 2]
    person[abused] = rng.choice(often, len(abused))
    person = people.born_before(crimes["committed"], person, rng)
    ways = [EXACT, VARIANT, MISSPELT, WITHHELD]
    spelling = rng.choice(ways, count, p=[0.9, 0.06, 0.03, 0.01]).astype(np.int8)
    burgled = (crimes["district"] == 0) & np.isin(crimes["subgroup"], DWELLING_BURGLARY)
    committed = fiscal_year_of(crimes["committed"])
    pool = rng.permutation(people.count)
    for year in PUBLISHED_YEARS:
        here = rng.permutation(np.flatnonzero(burgled & (committed == year)))
        wanted = plan.target("residential_burglary_repeat_victims", year)
        person[here], repeated = _burgled_again(pool, len(here), wanted)
        spelling[here[repeated]] = rng.choice([EXACT, VARIANT], int(repeated.sum()))
        # The crude measure is blind to a misspelt name, entered under another reference ...
        missed = here[~repeated][: wanted // 4]
        person[missed], spelling[missed] = pool[: len(missed)], MISSPELT
        # ... and to those who are burgled once in each year.
        fresh = pool[len(here) :]
        pool = np.concatenate([fresh[: 2 * wanted], pool[wanted : wanted + wanted // 2], fresh[2 * wanted :]])
    crimes["person"], crimes["spelling"] = person, spelling


def _burgled_again(pool: Ints, count: int, wanted: int) -> tuple[Ints, Ints]:
    """Complainants of so many burglaries, of whom exactly the wanted number occurs more than once."""
    times = np.ones(count, np.int64)
    times[:wanted] = np.where(np.arange(wanted) % 12 == 11, 4, np.where(np.arange(wanted) % 6 == 5, 3, 2))
    people = np.repeat(pool[:count], times)[:count]
    return people.astype(np.int32), np.repeat(times > 1, times)[:count]
