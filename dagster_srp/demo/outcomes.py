"""Outcomes of crimes: which come, how late, and which replace an earlier one.

An outcome may take most of a year, so the rate of a quarter rises with each refresh until its crimes have matured. The
hate crimes of 2018/19 end with exactly the planned number of positive outcomes in each quarter.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dagster_srp.demo.crime_text import breaches
from dagster_srp.demo.days import Ints, day, day_text, first_day, month_of
from dagster_srp.demo.delivering import end_of_run
from dagster_srp.demo.plan import LAST_MONTH, Plan, year_days
from dagster_srp.demo.records import Records, chosen, in_order_of_delivery, joined, late, length, take
from dagster_srp.demo.text import labels, numbered, replaced

TYPES = tuple(str(number) for number in range(23))
POSITIVE = (1, 2, 3, 4, 6, 7, 8)
"""The outcomes that the published rate calls positive (seeds/positive_outcome_sets.csv, published_2018_19)."""
NOT_POSITIVE = (0, 5, 9, 10, 13, 14, 15, 16, 17, 18, 20, 21)
WITHDRAWN, DIVERSION = 0, 22
_DIVERSION_FROM = day(dt.date(2019, 4, 1))
_TYPE_21_FROM = day(dt.date(2016, 1, 1))
_UNKNOWN_TYPE = 1

_POSITIVE_CHANCES = np.array([62, 4, 10, 2, 2, 4, 16]) / 100
_OTHER_CHANCES = np.array([1, 1, 2, 3, 1, 22, 20, 27, 1, 17, 2, 3]) / 100
_OTHER_CHANCES_PLAIN = np.array([0, 1, 2, 3, 1, 14, 14, 20, 1, 39, 2, 3]) / 100
_LONGEST = 340


def make_outcomes(plan: Plan, crimes: Records, seed: int) -> Records:
    """Every outcome row that is ever sent, in order of delivery."""
    rng = np.random.default_rng([seed, 120])
    home = crimes["district"] == 0
    marked = home & ((crimes["hate"] > 0) | (crimes["tags"] & 0b11 > 0))
    share = np.select([crimes["fiscal_year"] >= 2022, crimes["fiscal_year"] == 2018], [0.3, 0.2], 0.08)
    others = home & ~marked & (rng.random(len(home)) < share)
    special = marked & (crimes["hate"] > 0) & (crimes["fiscal_year"] == 2018)
    usual = take(crimes, np.flatnonzero(others | (marked & ~special & (rng.random(len(home)) < 0.93))))
    positive = rng.random(length(usual)) < np.where(usual["hate"] > 0, 0.15, 0.17)
    planned, planned_positive = _planned(rng, plan, crimes, special)
    subject = joined([take(crimes, planned), usual])
    latest = _outcomes(rng, subject, np.concatenate([planned_positive, positive]))
    rows = joined([latest, _replaced_ones(rng, latest)])
    rows = take(rows, np.flatnonzero(rows["given"] < first_day(LAST_MONTH + 1)))
    months = month_of(rows["given"])
    rows["sent"] = late(rng, months, end_of_run(months, outcomes=True), 0.02)
    rows["breach"] = np.zeros(length(rows), np.int8)
    return in_order_of_delivery(joined([rows, breaches(rng, rows, "number", (_UNKNOWN_TYPE,))]))


def _planned(rng: np.random.Generator, plan: Plan, crimes: Records, special: Ints) -> tuple[Ints, Ints]:
    """The hate crimes of 2018/19 that get an outcome, and which of these are positive in the end."""
    first = year_days(2018)[0]
    bounds = [first + days for days in (0, 91, 183, 275, 365)]
    places, positive = [], []
    for quarter, (wanted, _) in enumerate(plan.hate_quarters):
        within = (crimes["recorded"] >= bounds[quarter]) & (crimes["recorded"] < bounds[quarter + 1])
        quarter_places = np.flatnonzero(special & within)
        won = chosen(rng, special & within, wanted)
        lost = np.setdiff1d(quarter_places, won)
        places += [won, lost[: int(len(lost) * 0.95)]]
        positive += [np.ones(len(won), bool), np.zeros(int(len(lost) * 0.95), bool)]
    return np.concatenate(places), np.concatenate(positive)


def _outcomes(rng: np.random.Generator, crimes: Records, positive: Ints) -> Records:
    """The outcome that stands in the end, with the day on which it was given."""
    count = len(positive)
    chances = np.where(crimes["hate"][:, None] > 0, _OTHER_CHANCES, _OTHER_CHANCES_PLAIN)
    other = np.array(NOT_POSITIVE)[np.minimum((chances.cumsum(1) < rng.random(count)[:, None]).sum(1), 11)]
    kind = np.where(positive, rng.choice(POSITIVE, count, p=_POSITIVE_CHANCES), other)
    given = crimes["recorded"] + _delay(rng, positive)
    too_soon = ((kind == WITHDRAWN) & (given - crimes["recorded"] <= 20)) | (
        (kind == 21) & (given < _TYPE_21_FROM)
    )
    kind = np.where(too_soon, 18, kind)
    diverted = (
        (given >= _DIVERSION_FROM) & ~positive & (crimes["fiscal_year"] >= 2022) & (rng.random(count) < 0.06)
    )
    return {
        "year": crimes["year"],
        "number": crimes["number"],
        "recorded": crimes["recorded"],
        "kind": np.where(diverted, DIVERSION, kind).astype(np.int8),
        "given": given.astype(np.int32),
    }


def _delay(rng: np.random.Generator, positive: Ints) -> Ints:
    """Days from recording to outcome: a third of positive ones within a fortnight, the last after most of a year."""
    quick = rng.random(len(positive)) < np.where(positive, 0.3, 0.2)
    slow = 15 + rng.gamma(2.0, np.where(positive, 55.0, 38.0))
    return np.minimum(np.where(quick, rng.integers(2, 15, len(positive)), slow), _LONGEST).astype(np.int32)


def _replaced_ones(rng: np.random.Generator, latest: Records) -> Records:
    """Outcomes that a later one replaced: a withdrawal always has something to withdraw."""
    gap = latest["given"] - latest["recorded"]
    had_one = (gap > 20) & ((rng.random(length(latest)) < 0.06) | (latest["kind"] == WITHDRAWN))
    earlier = take(latest, np.flatnonzero(had_one))
    kinds = rng.choice([1, 3, 8, 14, 15, 16, 18], length(earlier), p=[0.12, 0.05, 0.08, 0.2, 0.2, 0.2, 0.15])
    earlier["kind"] = np.where(kinds == earlier["kind"], 10, kinds).astype(np.int8)
    earlier["given"] = (earlier["recorded"] + 1 + (rng.random(length(earlier)) * 15)).astype(np.int32)
    return earlier


def render_outcomes() -> Callable[[Records], pa.Table]:
    """How outcomes are written out."""

    def render(rows: Records) -> pa.Table:
        year = pc.utf8_slice_codeunits(pa.array(rows["year"]).cast(pa.string()), 2)
        prefix = pc.binary_join_element_wise("SYP/", year, "/", "")
        return pa.table(
            {
                "crime_ref": numbered(prefix, rows["number"], 6),
                "outcome_type": replaced(labels(TYPES, rows["kind"]), rows["breach"] == _UNKNOWN_TYPE, "47"),
                "outcome_date": day_text(rows["given"]),
            }
        )

    return render
