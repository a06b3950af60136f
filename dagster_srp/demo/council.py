"""What the council sends: reports of anti-social behaviour, contacts with children's social care, domestic-abuse services."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dagster_srp.demo.areas import Areas
from dagster_srp.demo.days import NO_DAY, clock_text, day_text, month_of, year_of
from dagster_srp.demo.delivering import Render, end_of_run, quarter_end
from dagster_srp.demo.people import EXACT, MISSPELT, VARIANT, WITHHELD, People
from dagster_srp.demo.plan import DISTRICTS, FISCAL_YEARS, PUBLISHED_YEARS, Plan, recorded_days, share_of_year
from dagster_srp.demo.records import (
    Records,
    in_order_of_delivery,
    joined,
    late,
    length,
    numbered_by_year,
    restated,
    take,
)
from dagster_srp.demo.text import labels, marks, numbered, replaced

REPORT_TYPES = (
    "noise", "fly_tipping", "nuisance_neighbour", "vehicle_nuisance", "litter", "graffiti", "dog_nuisance", "drugs", "other",
)  # fmt: skip
CARE_TAGS = ("cse", "cce", "neglect")
SERVICES = ("advocacy", "refuge", "perpetrator_programme")
ENDINGS = ("completed_positively", "completed", "left", "declined", "moved_away", "other")
_REPORTS = {2017: 7900, 2018: 7400, 2022: 6500, 2023: 6300, 2024: 6000, 2025: 1550}
_CSE_CONTACTS = {2017: 540, 2018: 500, 2022: 310, 2023: 290, 2024: 275, 2025: 66}
_CSE_REFERRALS = {2017: 205, 2018: 190, 2022: 120, 2023: 112, 2024: 104, 2025: 25}
_OTHER_CARE = 1500
_DA_SERVICE = 620
_BAD_DATE = 1


def make_asb_reports(plan: Plan, people: People, areas: Areas, seed: int) -> Records:
    """Every row sent of the reports of anti-social behaviour."""
    rng = np.random.default_rng([seed, 400])
    counts = [
        plan.target("asb_reports_council", y) if y in PUBLISHED_YEARS else plan.size(_REPORTS[y])
        for y in FISCAL_YEARS
    ]
    reported = np.sort(
        np.concatenate([recorded_days(rng, y, n) for y, n in zip(FISCAL_YEARS, counts, strict=True)])
    )
    count = len(reported)
    rows: Records = {
        "reported": reported,
        "minute": rng.integers(480, 1200, count),
        "person": rng.integers(0, people.count, count),
    }
    rows["spelling"] = rng.choice([EXACT, VARIANT, MISSPELT, WITHHELD], count, p=[0.7, 0.08, 0.04, 0.18])
    rows["kind"] = rng.choice(9, count, p=[0.2, 0.33, 0.12, 0.07, 0.1, 0.03, 0.06, 0.05, 0.04])
    rows["district"] = np.zeros(count, np.int8)
    rows["lsoa"], rows["place_bits"] = areas.draw(rng, rows["district"], reported)
    rows["year"] = year_of(reported)
    rows["number"] = numbered_by_year(rows["year"])
    months = month_of(reported)
    rows["sent"] = late(rng, months, end_of_run(months), 0.003)
    rows["breach"] = np.zeros(count, np.int8)

    def as_first_sent(some: Records) -> Records:
        broken = rng.random(length(some)) < 0.1
        return dict(some, kind=(some["kind"] + 1) % 9, breach=np.where(broken, _BAD_DATE, 0).astype(np.int8))

    return in_order_of_delivery(restated(rng, rows, end_of_run(months), 0.02, as_first_sent))


def render_asb_reports(people: People, areas: Areas) -> Render:
    """How reports are written out."""

    def render(rows: Records) -> pa.Table:
        person, spelling = rows["person"], rows["spelling"]
        reported = pc.binary_join_element_wise(day_text(rows["reported"]), clock_text(rows["minute"]), " ")
        return pa.table(
            {
                "report_ref": yearly("RMBC", rows, 5),
                "reported_at": replaced(reported, rows["breach"] == _BAD_DATE, "31/02/2016 10:00"),
                "report_type": labels(REPORT_TYPES, rows["kind"]),
                "district_code": labels(DISTRICTS, rows["district"]),
                "ward_code": areas.ward_text(rows["lsoa"], rows["place_bits"], rows["reported"]),
                "lsoa_code": areas.lsoa_text(rows["lsoa"], rows["place_bits"]),
                "caller_forename": people.forename_text(person, spelling),
                "caller_surname": people.surname_text(person, spelling),
                "caller_address": people.address_text(person, spelling),
                "caller_postcode": people.postcode_text(person, spelling),
            }
        )

    return render


def yearly(prefix: str, rows: Records, width: int) -> pa.Array:
    """References numbered within their year: PREFIX/16/00042."""
    year = pc.utf8_slice_codeunits(pa.array(rows["year"].astype(np.int32)).cast(pa.string()), 2)
    return numbered(pc.binary_join_element_wise(prefix + "/", year, "/", ""), rows["number"], width)


def make_contacts(plan: Plan, seed: int) -> Records:
    """Every row sent of contacts with, and referrals to, children's social care."""
    rng = np.random.default_rng([seed, 410])
    parts = []
    for year in FISCAL_YEARS:
        for kind, indicator, made_up in (
            (0, "social_care_contacts_cse", _CSE_CONTACTS),
            (1, "child_protection_referrals_cse_tagged", _CSE_REFERRALS),
        ):
            tagged = plan.target(indicator, year) if year in PUBLISHED_YEARS else plan.size(made_up[year])
            others = plan.size(_OTHER_CARE * share_of_year(year) * (1 - 0.6 * kind))
            count = tagged + others
            also = rng.random(count)
            tags = (
                np.where(np.arange(count) < tagged, 1, 0)
                | np.where(also < 0.08, 2, 0)
                | np.where(also > 0.7, 4, 0)
            )
            parts.append(
                {"date": recorded_days(rng, year, count), "kind": np.full(count, kind), "tags": tags}
            )
    rows = joined(parts)
    rows = take(rows, np.argsort(rows["date"], kind="stable"))
    rows["child"] = rng.integers(0, max(50, plan.size(9000)), length(rows))
    rows["year"] = year_of(rows["date"])
    rows["number"] = numbered_by_year(rows["year"])
    months = month_of(rows["date"])
    rows["sent"] = quarter_end(months)
    return in_order_of_delivery(rows)


def render_contacts(rows: Records) -> pa.Table:
    """How contacts are written out."""
    return pa.table(
        {
            "contact_ref": yearly("CSC", rows, 5),
            "contact_date": day_text(rows["date"]),
            "kind": labels(["contact", "referral"], rows["kind"]),
            "tags": labels(marks(CARE_TAGS), rows["tags"]),
            "child_ref": numbered("CH", rows["child"], 6),
        }
    )


def make_da_services(plan: Plan, people: People, seed: int) -> Records:
    """Every row sent of the domestic-abuse services: at referral, and again in the quarter in which it ended."""
    rng = np.random.default_rng([seed, 420])
    referred = [
        recorded_days(rng, year, plan.size(_DA_SERVICE * share_of_year(year))) for year in FISCAL_YEARS
    ]
    rows: Records = {"referred": np.sort(np.concatenate(referred))}
    count = length(rows)
    started = rows["referred"] + rng.integers(0, 30, count)
    rows["service"] = rng.choice(3, count, p=[0.7, 0.14, 0.16])
    rows["started"] = np.where(rng.random(count) < 0.12, NO_DAY, started)
    rows["ended"] = np.where(
        rng.random(count) < 0.08, NO_DAY, started + 20 + (rng.gamma(2.0, 60.0, count)).astype(int)
    )
    rows["ending"] = rng.choice(6, count, p=[0.38, 0.17, 0.2, 0.1, 0.08, 0.07])
    rows["ending"] = np.where(rows["started"] == NO_DAY, 3, rows["ending"])
    rows["person"] = rng.integers(0, people.count, count)
    rows["year"] = year_of(rows["referred"])
    rows["number"] = numbered_by_year(rows["year"])
    return ended_later(rows, "referred", "ended", "ending")


def ended_later(rows: Records, began: str, ended: str, ending: str) -> Records:
    """Quarterly rows of something that ends: open when first sent, and again when it has ended in a later quarter."""
    first = quarter_end(month_of(rows[began]))
    end = quarter_end(month_of(np.where(rows[ended] == NO_DAY, rows[began], rows[ended])))
    within = (rows[ended] != NO_DAY) & (end <= end_of_run(first))
    final, still_open = dict(rows), take(rows, np.flatnonzero(within & (end > first)))
    final[ended] = np.where(within, rows[ended], NO_DAY)
    final[ending] = np.where(within, rows[ending], -1)
    final["sent"] = np.where(within, np.maximum(end, first), first)
    still_open["sent"] = first[within & (end > first)]
    still_open[ended], still_open[ending] = (
        np.full_like(still_open[ended], NO_DAY),
        np.full_like(still_open[ending], -1),
    )
    return in_order_of_delivery(joined([final, still_open]))


def render_da_services(people: People) -> Render:
    """How services are written out."""

    def render(rows: Records) -> pa.Table:
        return pa.table(
            {
                "service_ref": yearly("DAS", rows, 5),
                "service": labels(SERVICES, rows["service"]),
                "referred_date": day_text(rows["referred"]),
                "started_date": day_text(rows["started"]),
                "ended_date": day_text(rows["ended"]),
                "ending": labels(ENDINGS, rows["ending"]),
                "person_ref": people.reference(rows["person"], np.full(length(rows), EXACT)),
            }
        )

    return render
