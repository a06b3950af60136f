"""What the partnership's office sends: survey, awareness events, Board attendance, delivery plan, MoRiLE assessments."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from dagster_srp.demo.areas import WITH_WARD, Areas
from dagster_srp.demo.council import yearly
from dagster_srp.demo.days import Ints, day_text, first_days, month, month_of, year_of
from dagster_srp.demo.delivering import Render, quarter_end
from dagster_srp.demo.plan import FISCAL_YEARS, LAST_MONTH, Plan, fiscal_months, recorded_days, share_of_year
from dagster_srp.demo.records import Records, in_order_of_delivery, joined, length, numbered_by_year, take
from dagster_srp.demo.text import labels, numbered

QUESTIONS = ("feel_safe_day", "feel_safe_night", "asb_is_problem", "police_and_council_deal")
ANSWERS = ("strongly_agree", "agree", "neither", "disagree", "strongly_disagree", "dont_know")
THEMES = (
    "hate crime",
    "domestic abuse",
    "child sexual exploitation",
    "online crime",
    "modern slavery",
    "anti-social behaviour",
)
LEADS = (
    "Rotherham Council",
    "South Yorkshire Police",
    "South Yorkshire Fire and Rescue",
    "Probation Service",
    "NHS",
)
ORGANISATIONS = (*LEADS, "Voluntary Action Rotherham", "Office of the Police and Crime Commissioner")
ATTENDANCE = ("attended", "represented", "apologies", "absent")
STATUSES = ("not_started", "on_track", "at_risk", "off_track", "complete")
COMMENTARY = (
    None,
    "Work continues as planned.",
    "Training delivered to front-line staff.",
    "Waiting for a partner's data.",
)
MORILE_THEMES = (
    "child sexual exploitation", "child criminal exploitation", "domestic abuse", "serious violence", "hate crime",
    "modern slavery", "organised crime", "counter-terrorism", "burglary", "anti-social behaviour",
)  # fmt: skip
_COMMITMENTS = 24
_RESPONDENTS, _EVENTS = 300, 46

_SHARES = np.array(
    [
        [0.38, 0.44, 0.08, 0.06, 0.03, 0.01],
        [0.14, 0.33, 0.16, 0.22, 0.13, 0.02],
        [0.18, 0.31, 0.22, 0.19, 0.07, 0.03],
        [0.08, 0.36, 0.29, 0.15, 0.08, 0.04],
    ]
)
"""How each question is answered; the rows are QUESTIONS, the columns ANSWERS."""


def make_survey(plan: Plan, areas: Areas, seed: int) -> Records:
    """Two waves a year, in June and December; every respondent answers every question."""
    rng = np.random.default_rng([seed, 700])
    waves = [number for year in FISCAL_YEARS for number in fiscal_months(year) if number % 6 == 5]
    people = plan.size(_RESPONDENTS)
    wave = np.repeat(waves, people * len(QUESTIONS)).astype(np.int32)
    count = len(wave)
    respondent = np.arange(count) // len(QUESTIONS)
    question = np.arange(count) % len(QUESTIONS)
    answer = (_SHARES.cumsum(1)[question] < rng.random(count)[:, None]).sum(1).clip(max=len(ANSWERS) - 1)
    weights = np.round(rng.lognormal(-0.08, 0.4, len(waves) * people), 3)
    home, _ = areas.draw(rng, np.zeros(len(weights), np.int8), np.full(len(weights), 10**6))
    rows: Records = {"wave": first_days(wave), "question": question, "answer": answer, "sent": wave}
    rows["weight"], rows["lsoa"] = weights[respondent], home[respondent]
    rows["year"] = year_of(rows["wave"])
    rows["number"] = numbered_by_year(rows["year"])
    return rows


def render_survey(areas: Areas) -> Render:
    """How responses are written out."""

    def render(rows: Records) -> pa.Table:
        given = np.full(length(rows), WITH_WARD)
        return pa.table(
            {
                "response_ref": yearly("SUR", rows, 5),
                "wave_date": day_text(rows["wave"]),
                "question": labels(QUESTIONS, rows["question"]),
                "answer": labels(ANSWERS, rows["answer"]),
                "weight": pa.array(rows["weight"]).cast(pa.string()),
                "ward_code": areas.ward_text(rows["lsoa"], given, rows["wave"]),
            }
        )

    return render


def make_events(plan: Plan, seed: int) -> Records:
    """Awareness events, sent by the quarter."""
    rng = np.random.default_rng([seed, 710])
    dates = [
        recorded_days(rng, year, max(4, plan.size(_EVENTS * share_of_year(year)))) for year in FISCAL_YEARS
    ]
    rows: Records = {"date": np.sort(np.concatenate(dates))}
    count = length(rows)
    rows["theme"], rows["lead"] = rng.integers(0, len(THEMES), count), rng.integers(0, len(LEADS), count)
    rows["people"] = np.minimum(rng.lognormal(3.4, 0.7, count), 900).astype(np.int32)
    rows["year"] = year_of(rows["date"])
    rows["number"] = numbered_by_year(rows["year"])
    rows["sent"] = quarter_end(month_of(rows["date"]))
    return in_order_of_delivery(rows)


def render_events(rows: Records) -> pa.Table:
    """How events are written out."""
    return pa.table(
        {
            "event_ref": yearly("EVT", rows, 3),
            "event_date": day_text(rows["date"]),
            "theme": labels(THEMES, rows["theme"]),
            "lead_partner": labels(LEADS, rows["lead"]),
            "attendance_count": pa.array(rows["people"]).cast(pa.string()),
        }
    )


def _quarters() -> Ints:
    """The first month of every quarter that the demo covers."""
    return np.array(
        [number for year in FISCAL_YEARS for number in fiscal_months(year) if number % 3 == 0], np.int32
    )


def make_attendance(seed: int) -> Records:
    """One Board meeting a quarter; every member organisation has a row for it."""
    rng = np.random.default_rng([seed, 720])
    quarter = np.repeat(_quarters(), len(ORGANISATIONS))
    count = len(quarter)
    return {
        "meeting": first_days(quarter + 1) + 13,
        "organisation": np.arange(count) % len(ORGANISATIONS),
        "attendance": rng.choice(4, count, p=[0.72, 0.13, 0.1, 0.05]),
        "sent": quarter + 2,
    }


def render_attendance(rows: Records) -> pa.Table:
    """How attendance is written out."""
    return pa.table(
        {
            "meeting_date": day_text(rows["meeting"]),
            "organisation": labels(ORGANISATIONS, rows["organisation"]),
            "attendance": labels(ATTENDANCE, rows["attendance"]),
        }
    )


def make_delivery_plan(seed: int) -> Records:
    """Each commitment of the plan 2022 to 2025 in each of its quarters; some are corrected in the next delivery."""
    rng = np.random.default_rng([seed, 730])
    quarters = _quarters()
    quarters = quarters[quarters >= month(2022, 4)]
    quarter = np.repeat(quarters, _COMMITMENTS)
    commitment = np.tile(np.arange(_COMMITMENTS), len(quarters))
    age = (quarter - month(2022, 4)) // 3
    finished = age >= 6 + commitment % 9
    status = np.where(finished, 4, rng.choice(4, len(quarter), p=[0.05, 0.68, 0.19, 0.08]))
    rows: Records = {"quarter": quarter, "commitment": commitment, "status": status}
    rows["commentary"] = rng.integers(0, len(COMMENTARY), len(quarter))
    rows["sent"] = quarter + 2
    corrected = np.flatnonzero((rng.random(len(quarter)) < 0.04) & (rows["sent"] + 3 <= LAST_MONTH))
    early = take(rows, corrected)
    early["status"] = np.ones(length(early), int)
    rows["sent"][corrected] += 3
    return in_order_of_delivery(joined([rows, early]))


def render_delivery_plan(rows: Records) -> pa.Table:
    """How the plan's progress is written out."""
    return pa.table(
        {
            "commitment_ref": numbered("C", rows["commitment"] + 1, 1),
            "quarter_start_date": day_text(first_days(rows["quarter"])),
            "status": labels(STATUSES, rows["status"]),
            "commentary": labels(COMMENTARY, rows["commentary"]),
            "lead": labels(LEADS, rows["commitment"] % len(LEADS)),
            "lead_partner": labels(LEADS, rows["commitment"] % len(LEADS)),
        }
    )


def make_morile(seed: int) -> Records:
    """A yearly assessment of each theme, from 2022 on; the scale is invented, no partner's."""
    rng = np.random.default_rng([seed, 740])
    assessed = np.array([month(year, 5) for year in (2022, 2023, 2024, 2025)], np.int32)
    count = len(assessed) * len(MORILE_THEMES)
    rows: Records = {
        "theme": np.arange(count) % len(MORILE_THEMES),
        "sent": np.repeat(assessed, len(MORILE_THEMES)),
    }
    for part in ("impact_and_harm", "likelihood", "confidence", "organisational_position"):
        rows[part] = rng.integers(1, 9, count)
    return rows


def render_morile(rows: Records) -> pa.Table:
    """How assessments are written out."""
    parts = ("impact_and_harm", "likelihood", "confidence", "organisational_position")
    return pa.table(
        {
            "theme": labels(MORILE_THEMES, rows["theme"]),
            "assessment_date": day_text(first_days(rows["sent"]) + 11),
            **{part: pa.array(rows[part]).cast(pa.string()) for part in parts},
            "assessor": labels(["Partnership analyst"], np.zeros(length(rows), int)),
            "evidence": labels(
                ["Recorded crime, referrals and professional judgement."], np.zeros(length(rows), int)
            ),
        }
    )
