"""The smaller extracts of fire, probation, health and police: made-up volumes, nothing of them is published."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa

from dagster_srp.demo.areas import Areas
from dagster_srp.demo.council import ended_later, yearly
from dagster_srp.demo.days import NO_DAY, Ints, day, day_text, first_days, month_of, year_of
from dagster_srp.demo.delivering import Render, end_of_run, quarter_end
from dagster_srp.demo.people import EXACT, People
from dagster_srp.demo.plan import DISTRICTS, FISCAL_YEARS, Plan, recorded_days, share_of_year
from dagster_srp.demo.records import Records, in_order_of_delivery, joined, length, numbered_by_year, take
from dagster_srp.demo.text import labels, listed, numbered

FIRES = ("deliberate_primary", "deliberate_secondary", "accidental")
SENTENCES = ("community_order", "suspended_sentence_order", "custody", "licence", "other")
SUBSTANCES = ("opiate", "non_opiate", "alcohol", "non_opiate_and_alcohol", "none")
TREATMENT_ENDINGS = ("completed", "dropped_out", "transferred", "died", "other")
EXPLOITATION = ("cce", "cse", "modern_slavery", "prevent")
SOURCES = ("police", "council", "health", "education", "voluntary_sector", "public", "other")
EXPLOITATION_OUTCOMES = (
    "positive_outcome",
    "disrupted",
    "supported",
    "no_further_action",
    "adopted",
    "ongoing",
)
_ADOPTED, _ONGOING = EXPLOITATION_OUTCOMES.index("adopted"), EXPLOITATION_OUTCOMES.index("ongoing")


def _yearly_days(rng: np.random.Generator, plan: Plan, volume: int) -> Ints:
    return np.sort(
        np.concatenate(
            [recorded_days(rng, year, plan.size(volume * share_of_year(year))) for year in FISCAL_YEARS]
        )
    )


def _identified(rows: Records, date: str) -> Records:
    rows["year"] = year_of(rows[date])
    rows["number"] = numbered_by_year(rows["year"])
    return rows


def make_fires(plan: Plan, areas: Areas, seed: int) -> Records:
    """Fires attended, sent by the quarter."""
    rng = np.random.default_rng([seed, 500])
    rows: Records = {"date": _yearly_days(rng, plan, 950)}
    count = length(rows)
    rows["kind"] = rng.choice(3, count, p=[0.17, 0.55, 0.28])
    rows["district"] = rng.choice(4, count, p=[0.7, 0.1, 0.1, 0.1])
    rows["lsoa"], rows["place_bits"] = areas.draw(rng, rows["district"], rows["date"])
    rows["sent"] = quarter_end(month_of(rows["date"]))
    return in_order_of_delivery(_identified(rows, "date"))


def render_fires(areas: Areas) -> Render:
    """How fires are written out."""

    def render(rows: Records) -> pa.Table:
        return pa.table(
            {
                "incident_ref": yearly("SYFR", rows, 5),
                "incident_date": day_text(rows["date"]),
                "kind": labels(FIRES, rows["kind"]),
                "district_code": labels(DISTRICTS, rows["district"]),
                "ward_code": areas.ward_text(rows["lsoa"], rows["place_bits"], rows["date"]),
                "lsoa_code": areas.lsoa_text(rows["lsoa"], rows["place_bits"]),
            }
        )

    return render


def make_probation(plan: Plan, people: People, seed: int) -> Records:
    """The reoffending cohort: a person first with the quarter, and again a year on, with hours done and reoffences."""
    rng = np.random.default_rng([seed, 510])
    days = _yearly_days(rng, plan, 480)
    months = month_of(days)
    rows: Records = {"cohort": first_days(months - months % 3)}
    count = length(rows)
    rows["sentence"] = rng.choice(5, count, p=[0.4, 0.28, 0.16, 0.12, 0.04])
    rows["ordered"] = np.where(
        rows["sentence"] < 2, rng.choice([0, 40, 60, 80, 100, 150, 200, 300], count), 0
    )
    rows["done"] = np.round(rows["ordered"] * rng.beta(4, 1.2, count)).astype(np.int32)
    one = rng.random(count) < 0.31
    two = one & (rng.random(count) < 0.4)
    rows["reoffence"] = np.where(one, rows["cohort"] + rng.integers(1, 180, count), NO_DAY)
    # Some reoffend only after the year that the measure counts.
    rows["reoffence_later"] = np.where(two, rows["cohort"] + rng.integers(180, 420, count), NO_DAY)
    rows["person"] = rng.integers(0, people.count, count)
    rows = _identified(rows, "cohort")
    rows["sent"] = quarter_end(month_of(rows["cohort"]))
    last = end_of_run(rows["sent"])
    known = rows["sent"] + 15 <= last
    early = take(rows, np.flatnonzero(known))
    early["done"] = early["done"] // 4
    early["reoffence"] = early["reoffence_later"] = np.full(length(early), NO_DAY)
    rows["sent"] = np.where(known, rows["sent"] + 15, rows["sent"])
    too_soon = ~known
    for column in ("reoffence", "reoffence_later"):
        hidden = too_soon & (rows[column] >= first_days(rows["sent"] + 1))
        rows[column] = np.where(hidden, NO_DAY, rows[column])
    return in_order_of_delivery(joined([rows, early]))


def render_probation(people: People) -> Render:
    """How the cohort is written out."""

    def render(rows: Records) -> pa.Table:
        return pa.table(
            {
                "cohort_ref": yearly("PRB", rows, 5),
                "cohort_start_date": day_text(rows["cohort"]),
                "sentence": labels(SENTENCES, rows["sentence"]),
                "payback_hours_ordered": pa.array(rows["ordered"]).cast(pa.string()),
                "payback_hours_done": pa.array(rows["done"]).cast(pa.string()),
                "reoffence_dates": listed(day_text(rows["reoffence"]), day_text(rows["reoffence_later"])),
                "person_ref": people.reference(rows["person"], np.full(length(rows), EXACT)),
            }
        )

    return render


def make_treatment(plan: Plan, people: People, seed: int) -> Records:
    """Treatment episodes: open when first sent, again when ended."""
    rng = np.random.default_rng([seed, 520])
    rows: Records = {"started": _yearly_days(rng, plan, 420)}
    count = length(rows)
    rows["ended"] = np.where(
        rng.random(count) < 0.1, NO_DAY, rows["started"] + 30 + rng.gamma(2.0, 70.0, count).astype(int)
    )
    rows["substance"] = rng.choice(5, count, p=[0.38, 0.14, 0.28, 0.13, 0.07])
    rows["ending"] = rng.choice(5, count, p=[0.46, 0.33, 0.13, 0.02, 0.06])
    required = rng.random(count) < np.where(rows["started"] >= day(dt.date(2018, 4, 1)), 0.09, 0.02)
    rows["requirement"] = (required | (rows["substance"] == 4)).astype(np.int8)
    rows["person"] = rng.integers(0, people.count, count)
    return ended_later(_identified(rows, "started"), "started", "ended", "ending")


def render_treatment(people: People) -> Render:
    """How episodes are written out."""

    def render(rows: Records) -> pa.Table:
        return pa.table(
            {
                "episode_ref": yearly("TRT", rows, 5),
                "started_date": day_text(rows["started"]),
                "ended_date": day_text(rows["ended"]),
                "substance_group": labels(SUBSTANCES, rows["substance"]),
                "ending": labels(TREATMENT_ENDINGS, rows["ending"]),
                "is_mental_health_requirement": labels(["N", "Y"], rows["requirement"]),
                "person_ref": people.reference(rows["person"], np.full(length(rows), EXACT)),
            }
        )

    return render


def make_exploitation(plan: Plan, seed: int) -> Records:
    """Exploitation and Prevent referrals: ongoing when first sent, decided two quarters later."""
    rng = np.random.default_rng([seed, 530])
    rows: Records = {"date": _yearly_days(rng, plan, 260)}
    count = length(rows)
    rows["kind"] = rng.choice(4, count, p=[0.3, 0.42, 0.16, 0.12])
    rows["source"] = rng.choice(7, count, p=[0.34, 0.26, 0.1, 0.16, 0.06, 0.05, 0.03])
    decided = rng.choice(4, count, p=[0.24, 0.14, 0.34, 0.28])
    adopted = (rows["kind"] == EXPLOITATION.index("prevent")) & (rng.random(count) < 0.3)
    rows["outcome"] = np.where(adopted, _ADOPTED, decided)
    rows["person"] = rng.integers(0, max(50, plan.size(6000)), count)
    rows = _identified(rows, "date")
    rows["sent"] = quarter_end(month_of(rows["date"]))
    comes = rows["sent"] + 6 <= end_of_run(rows["sent"])
    early = take(rows, np.flatnonzero(comes))
    early["outcome"] = np.full(length(early), _ONGOING)
    rows["outcome"] = np.where(comes, rows["outcome"], _ONGOING)
    rows["sent"] = np.where(comes, rows["sent"] + 6, rows["sent"])
    return in_order_of_delivery(joined([rows, early]))


def render_exploitation(rows: Records) -> pa.Table:
    """How referrals are written out."""
    return pa.table(
        {
            "referral_ref": yearly("EXP", rows, 5),
            "kind": labels(EXPLOITATION, rows["kind"]),
            "referral_date": day_text(rows["date"]),
            "source": labels(SOURCES, rows["source"]),
            "outcome": labels(EXPLOITATION_OUTCOMES, rows["outcome"]),
            "person_ref": numbered("X", rows["person"], 6),
        }
    )
