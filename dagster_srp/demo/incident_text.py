"""Incidents as the force sends them: earlier versions, rows that break the contract, and the text of every column."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dagster_srp.demo.areas import Areas
from dagster_srp.demo.crime_text import breaches
from dagster_srp.demo.days import clock_text, day_text, month_of
from dagster_srp.demo.delivering import end_of_run
from dagster_srp.demo.incidents import CATEGORIES, QUALIFIERS
from dagster_srp.demo.people import EXACT, MISSPELT, WITHHELD, People
from dagster_srp.demo.plan import DISTRICTS, HATE_STRANDS
from dagster_srp.demo.records import Records, in_order_of_delivery, joined, late, length, restated
from dagster_srp.demo.text import labels, marks, numbered, replaced

_BAD_DATE, _UNKNOWN_CATEGORY = 1, 2


def incident_versions(incidents: Records, seed: int) -> Records:
    """Every row that is ever sent, in order of delivery."""
    rng = np.random.default_rng([seed, 210])
    months = month_of(incidents["opened"])
    final = dict(incidents)
    final["sent"] = late(rng, months, end_of_run(months), 0.004)
    final["breach"] = np.zeros(len(months), np.int8)
    rows = restated(rng, final, end_of_run(months), 0.02, lambda some: _as_first_sent(rng, some))
    return in_order_of_delivery(
        joined([rows, breaches(rng, final, "number", (_BAD_DATE, _UNKNOWN_CATEGORY))])
    )


def _as_first_sent(rng: np.random.Generator, some: Records) -> Records:
    """How a log looked before its review: closed as something else, or its caller misspelt or not yet known."""
    kind = rng.integers(0, 3, length(some))
    earlier = dict(some)
    reclosed = kind == 0
    earlier["category"] = np.where(reclosed, CATEGORIES.index("other"), some["category"]).astype(np.int8)
    earlier["qualifier"] = np.where(reclosed, -1, some["qualifier"]).astype(np.int8)
    earlier["hate"] = np.where(reclosed, 0, some["hate"]).astype(np.int8)
    misspelt = (kind == 1) & (some["spelling"] == EXACT)
    spelling = np.where(misspelt, MISSPELT, some["spelling"])
    earlier["spelling"] = np.where(kind == 2, WITHHELD, spelling).astype(np.int8)
    return earlier


def render_incidents(people: People, areas: Areas) -> Callable[[Records], pa.Table]:
    """How incidents are written out."""
    strand_sets = pa.array(marks(HATE_STRANDS), pa.string())

    def render(rows: Records) -> pa.Table:
        person, spelling, breach = rows["person"], rows["spelling"], rows["breach"]
        year = pc.utf8_slice_codeunits(pa.array(rows["year"]).cast(pa.string()), 2)
        prefix = pc.binary_join_element_wise("INC/", year, "/", "")
        opened = pc.binary_join_element_wise(day_text(rows["opened"]), clock_text(rows["minute"]), " ")
        category = labels(CATEGORIES, rows["category"])
        return pa.table(
            {
                "incident_ref": numbered(prefix, rows["number"], 6),
                "opened_at": replaced(opened, breach == _BAD_DATE, "31/02/2024 09:15"),
                "closing_category": replaced(category, breach == _UNKNOWN_CATEGORY, "asb_unsorted"),
                "asb_qualifier": labels(QUALIFIERS, rows["qualifier"]),
                "hate_strands": labels(strand_sets, rows["hate"]),
                "district_code": labels(DISTRICTS, rows["district"]),
                "ward_code": areas.ward_text(rows["lsoa"], rows["place_bits"], rows["opened"]),
                "lsoa_code": areas.lsoa_text(rows["lsoa"], rows["place_bits"]),
                "caller_forename": people.forename_text(person, spelling),
                "caller_surname": people.surname_text(person, spelling),
                "caller_address": people.address_text(person, spelling),
                "caller_postcode": people.postcode_text(person, spelling),
            }
        )

    return render
