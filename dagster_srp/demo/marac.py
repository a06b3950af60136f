"""Cases referred to the MARAC, with exactly so many repeats in each published year.

A repeat has the same victim and perpetrators as a referral not more than 12 months before. Under the earlier rule it
counts only if the abuse would be criminal. What must not count stands beside it: the same pair a day too late, the same
victim with another perpetrator, a repeat that only the later rule knows.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dagster_srp.demo.days import NO_DAY, Ints, day_text, first_days, fiscal_year_of, month, month_of, year_of
from dagster_srp.demo.delivering import end_of_run, quarter_end
from dagster_srp.demo.people import EXACT, MISSPELT, People
from dagster_srp.demo.plan import DISTRICTS, FISCAL_YEARS, PUBLISHED_YEARS, Plan, recorded_days, year_days
from dagster_srp.demo.records import Records, in_order_of_delivery, joined, length, numbered_by_year, take
from dagster_srp.demo.text import labels, listed, numbered, replaced

AGENCIES = (
    "police", "idva", "children_services", "adult_services", "health", "housing", "probation", "education",
    "voluntary_sector", "other",
)  # fmt: skip
OUTCOMES = ("action_plan", "no_further_action", "transferred", "withdrawn")
_REFERRALS = {2014: 500, 2017: 505, 2018: 540, 2021: 600, 2022: 620, 2023: 640, 2024: 655, 2025: 165}
_REPEATS = {2017: 175, 2018: 184, 2022: 196, 2023: 201, 2024: 207, 2025: 50}
_ANY_ABUSE_ONLY = 14
_DAY_TOO_LATE = 3
_TO_THE_DAY = 3
_OTHER_PERPETRATOR = 9
_BEFORE_THE_DEMO = (2014, 2021)
_NEGATIVE_CHILDREN = 1
_NEVER_INTENDED = 90_000_000


def make_marac(plan: Plan, people: People, seed: int) -> Records:
    """Every case in its final version, in order of referral.

    Each run of deliveries opens with the cases of the year before: without them its first year would lack repeats.
    """
    rng = np.random.default_rng([seed, 300])
    linked = joined([_chains(rng, plan, year) for year in FISCAL_YEARS])
    linked["chain"] = np.unique(linked["chain"], return_inverse=True)[1].astype(np.int32)
    parts = [linked]
    next_chain = int(linked["chain"].max(initial=-1)) + 1
    years = fiscal_year_of(linked["referred"])
    for year in (*_BEFORE_THE_DEMO, *FISCAL_YEARS):
        published = year in PUBLISHED_YEARS
        wanted = plan.target("marac_referrals", year) if published else plan.size(_REFERRALS[year])
        single = max(wanted - int((years == year).sum()), 0)
        parts.append(_cases(recorded_days(rng, year, single), next_chain + np.arange(single)))
        next_chain += single
    cases = joined(parts)
    cases = take(cases, np.argsort(cases["referred"], kind="stable"))
    return _details(rng, people, cases)


def _chains(rng: np.random.Generator, plan: Plan, year: int) -> Records:
    """The year's repeats, each with the earlier referral that makes it one (or just not)."""
    published = year in PUBLISHED_YEARS
    repeats = plan.target("marac_repeat_cases", year) if published else plan.size(_REPEATS[year])
    thirds = repeats // 8
    exact, other, any_abuse = (
        plan.size(_TO_THE_DAY),
        plan.size(_OTHER_PERPETRATOR),
        plan.size(_ANY_ABUSE_ONLY),
    )
    too_late = plan.size(_DAY_TOO_LATE)
    exact = min(exact, repeats - 2 * thirds)
    ordinary = repeats - 2 * thirds - exact
    total = thirds + exact + ordinary + any_abuse + too_late + other
    kind = np.repeat(np.arange(6), [thirds, exact, ordinary, any_abuse, too_late, other])
    last = recorded_days(rng, year, total)
    leap = (kind == 1) & (_year_before(last) == _year_before(last - 1))
    last = np.where(leap, last - 1, last)
    gap = 20 + rng.integers(0, 330, total)
    earlier = np.select([kind == 1, kind == 4], [_year_before(last), _year_before(last) - 1], last - gap)
    chain = year * 10**6 + np.arange(total)
    ends = _cases(last, chain)
    ends["criminal"] = kind != 3
    ends["other_perpetrator"] = kind == 5
    third = np.flatnonzero(kind == 0)
    first = year_days(year)[0]
    middle = np.maximum(first, last[third] - 10 - rng.integers(0, 300, len(third)))
    earlier[third] = middle - 20 - rng.integers(0, 300, len(third))
    return joined([ends, _cases(earlier, chain), _cases(middle, chain[third])])


def _year_before(days: Ints) -> Ints:
    """The same day of the year before; 29 February has none and becomes the 28th."""
    months = days.astype("datetime64[D]").astype("datetime64[M]")
    day_of_month = (days.astype("datetime64[D]") - months.astype("datetime64[D]")).astype(np.int64)
    start = (months - 12).astype("datetime64[D]").astype(np.int64)
    length_of_month = ((months - 11).astype("datetime64[D]") - (months - 12).astype("datetime64[D]")).astype(
        np.int64
    )
    days_before: Ints = start + np.minimum(day_of_month, length_of_month - 1)
    return days_before


def _cases(referred: Ints, chain: Ints) -> Records:
    count = len(referred)
    return {
        "referred": np.asarray(referred, np.int32),
        "chain": np.asarray(chain, np.int32),
        "criminal": np.ones(count, bool),
        "other_perpetrator": np.zeros(count, bool),
    }


def _details(rng: np.random.Generator, people: People, cases: Records) -> Records:
    count = length(cases)
    chains = int(cases["chain"].max(initial=0)) + 1
    victim = rng.permutation(people.count)[np.arange(chains) % people.count]
    second = np.where(rng.random(chains) < 0.08, chains + np.arange(chains), -1)
    chain = cases["chain"]
    cases["person"] = victim[chain].astype(np.int32)
    cases["spelling"] = rng.choice([EXACT, MISSPELT], count, p=[0.95, 0.05]).astype(np.int8)
    cases["perpetrator"] = np.where(cases["other_perpetrator"], 2 * chains + chain, chain).astype(np.int32)
    cases["second_perpetrator"] = second[chain].astype(np.int32)
    cases["turned"] = rng.random(count) < 0.5
    heard = cases["referred"] + 7 + rng.integers(0, 35, count)
    cases["heard"] = np.where(rng.random(count) < 0.07, NO_DAY, heard).astype(np.int32)
    cases["agency"] = rng.choice(10, count, p=[0.55, 0.14, 0.07, 0.03, 0.07, 0.04, 0.03, 0.01, 0.04, 0.02])
    cases["children"] = np.minimum(rng.poisson(1.3, count), 8).astype(np.int8)
    cases["outcome"] = np.where(
        cases["heard"] == NO_DAY, -1, rng.choice(4, count, p=[0.88, 0.06, 0.04, 0.02])
    )
    cases["year"] = year_of(cases["referred"]).astype(np.int16)
    cases["number"] = numbered_by_year(cases["year"])
    return cases


def marac_versions(cases: Records, seed: int) -> Records:
    """Every row that is ever sent, by the quarter: a case again once it was heard, and a few with a broken count."""
    rng = np.random.default_rng([seed, 310])
    final = dict(cases)
    quarter = quarter_end(month_of(cases["referred"]))
    opening = np.where(quarter < month(2020, 1), month(2015, 3), month(2022, 3))
    final["sent"] = np.maximum(quarter, opening).astype(np.int32)
    final["breach"] = np.zeros(length(cases), np.int8)
    last = end_of_run(final["sent"])
    waiting = (final["heard"] >= first_days(final["sent"] + 1)) & (final["sent"] < last)
    earlier = take(final, np.flatnonzero(waiting))
    earlier["heard"], earlier["outcome"] = (
        np.full_like(earlier["heard"], NO_DAY),
        np.full_like(earlier["outcome"], -1),
    )
    sizes = np.unique(final["sent"], return_inverse=True, return_counts=True)
    bad = take(final, np.flatnonzero((rng.random(length(final)) < 0.004) & (sizes[2][sizes[1]] > 60)))
    bad["number"], bad["breach"] = (
        bad["number"] + _NEVER_INTENDED,
        np.full_like(bad["breach"], _NEGATIVE_CHILDREN),
    )
    final["sent"] = np.where(waiting, final["sent"] + 3, final["sent"]).astype(np.int32)
    return in_order_of_delivery(joined([final, earlier, bad]))


def render_marac(people: People) -> Callable[[Records], pa.Table]:
    """How cases are written out."""

    def render(rows: Records) -> pa.Table:
        year = pc.utf8_slice_codeunits(pa.array(rows["year"]).cast(pa.string()), 2)
        prefix = pc.binary_join_element_wise("MARAC/", year, "/", "")
        one, two = numbered("PERP", rows["perpetrator"], 6), numbered("PERP", rows["second_perpetrator"], 6)
        forth = listed(one, two)
        back = listed(two, one)
        children = pa.array(rows["children"]).cast(pa.string())
        known = np.full(length(rows), EXACT)
        return pa.table(
            {
                "case_ref": numbered(prefix, rows["number"], 4),
                "referral_date": day_text(rows["referred"]),
                "hearing_date": day_text(rows["heard"]),
                "victim_ref": people.reference(rows["person"], known),
                "victim_forename": people.forename_text(rows["person"], rows["spelling"]),
                "victim_surname": people.surname_text(rows["person"], rows["spelling"]),
                "perpetrator_refs": pc.if_else(pa.array(rows["turned"]), back, forth),
                "referring_agency": labels(AGENCIES, rows["agency"]),
                "is_criminal_abuse": labels(["N", "Y"], rows["criminal"].astype(np.int8)),
                "children_count": replaced(children, rows["breach"] == _NEGATIVE_CHILDREN, "-1"),
                "outcome": labels(OUTCOMES, rows["outcome"]),
                "district_code": labels(DISTRICTS, np.zeros(length(rows), np.int8)),
            }
        )

    return render
