"""Crimes as the force sends them: earlier versions, rows that break the contract, and the text of every column."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dagster_srp.demo.areas import Areas
from dagster_srp.demo.crime_marks import TAGS
from dagster_srp.demo.days import NO_DAY, day_text, month_of
from dagster_srp.demo.delivering import end_of_run
from dagster_srp.demo.offences import Offences
from dagster_srp.demo.people import MISSPELT, People
from dagster_srp.demo.plan import DISTRICTS, HATE_STRANDS
from dagster_srp.demo.records import Records, in_order_of_delivery, joined, late, length, restated, take
from dagster_srp.demo.text import labels, listed, marks, numbered, replaced

BAD_DATE, UNKNOWN_CODE, COMMITTED_LATER, DUPLICATE = 1, 2, 3, 4
NEVER_INTENDED = 900_000_000
"""References from here up belong to rows that break the contract and were never meant to count."""

_BREACHED_SHARE = 0.002
_BREACHING_DELIVERIES = 9
"""Every so many months a delivery has rows that break the contract."""


def crime_versions(crimes: Records, offences: Offences, seed: int) -> Records:
    """Every row that is ever sent, in order of delivery."""
    rng = np.random.default_rng([seed, 110])
    months = month_of(crimes["recorded"])
    final = dict(crimes)
    final["sent"] = late(rng, months, end_of_run(months), 0.006)
    final["breach"] = np.zeros(len(months), np.int8)
    rows = restated(rng, final, end_of_run(months), 0.015, lambda some: _as_first_sent(rng, some, offences))
    return in_order_of_delivery(
        joined([rows, breaches(rng, final, "number", (BAD_DATE, UNKNOWN_CODE, COMMITTED_LATER))])
    )


def _as_first_sent(rng: np.random.Generator, some: Records, offences: Offences) -> Records:
    """How a crime looked before: another offence, another place, no outcome of the review, or a broken row."""
    kind = rng.integers(0, 5, length(some))
    shuffled = rng.permutation(length(some))
    earlier = dict(some)
    same_year = some["fiscal_year"] == some["fiscal_year"][shuffled]
    earlier["code"] = np.where((kind == 0) & same_year, some["code"][shuffled], some["code"])
    earlier["district"] = np.where(kind == 1, some["district"][shuffled], some["district"])
    earlier["lsoa"] = np.where(kind == 1, -1, some["lsoa"])
    earlier["tags"] = np.where(kind == 2, 0, some["tags"])
    earlier["hate"] = np.where(kind == 2, 0, some["hate"])
    earlier["spelling"] = np.where((kind == 3) & (some["spelling"] == 0), MISSPELT, some["spelling"])
    earlier["breach"] = np.where(rng.random(length(some)) < 0.02, BAD_DATE, 0).astype(np.int8)
    return earlier


def breaches(rng: np.random.Generator, final: Records, number: str, kinds: tuple[int, ...]) -> Records:
    """Rows that break the contract, in a few deliveries: never-intended ones, and records sent twice in one file.

    Whether quarantine keeps one of two rows with the same key or neither, the record counts once in the end: it comes
    again, alone, in the next delivery.
    """
    parts = []
    for sent in np.unique(final["sent"]):
        here = np.flatnonzero(final["sent"] == sent)
        count = int(len(here) * _BREACHED_SHARE)
        if sent % _BREACHING_DELIVERIES or not count:
            continue
        bad = take(final, rng.choice(here, count, replace=False))
        bad["breach"] = np.resize(kinds, count).astype(np.int8)
        bad[number] = (NEVER_INTENDED + rng.integers(0, 10**7) + np.arange(count)).astype(np.int32)
        parts.append(bad)
        if count > 1 and (final["sent"] == sent + 1).any():
            twice = take(final, rng.choice(here, 1))
            again = dict(twice, sent=twice["sent"] + 1)
            parts += [twice, again]
    return joined(parts) if parts else take(final, np.arange(0))


def render_crimes(people: People, areas: Areas, offences: Offences) -> Callable[[Records], pa.Table]:
    """How crimes are written out."""
    tag_sets, strand_sets = pa.array(marks(TAGS), pa.string()), pa.array(marks(HATE_STRANDS), pa.string())

    def render(crimes: Records) -> pa.Table:
        person, spelling, breach = crimes["person"], crimes["spelling"], crimes["breach"]
        year = pc.utf8_slice_codeunits(pa.array(crimes["year"]).cast(pa.string()), 2)
        prefix = pc.binary_join_element_wise("SYP/", year, "/", "")
        committed = np.where(breach == COMMITTED_LATER, crimes["recorded"] + 9, crimes["committed"])
        committed_to = np.where(
            (breach == COMMITTED_LATER) | (crimes["number"] % 5 == 0), NO_DAY, crimes["committed_to"]
        )
        suspects = listed(numbered("S", crimes["suspect"], 7), numbered("S", crimes["second_suspect"], 7))
        return pa.table(
            {
                "crime_ref": numbered(prefix, crimes["number"], 6),
                "recorded_date": replaced(day_text(crimes["recorded"]), breach == BAD_DATE, "31/02/2024"),
                "committed_from_date": day_text(committed),
                "committed_to_date": day_text(committed_to),
                "offence_code": replaced(
                    labels(offences.codes, crimes["code"]), breach == UNKNOWN_CODE, "999/99"
                ),
                "is_dwelling": labels(["N", "Y"], crimes["dwelling"].astype(np.int8)),
                "tags": labels(tag_sets, crimes["tags"]),
                "hate_strands": labels(strand_sets, crimes["hate"]),
                "district_code": labels(DISTRICTS, crimes["district"]),
                "ward_code": areas.ward_text(crimes["lsoa"], crimes["place_bits"], crimes["recorded"]),
                "lsoa_code": areas.lsoa_text(crimes["lsoa"], crimes["place_bits"]),
                "complainant_ref": people.reference(person, spelling),
                "complainant_forename": people.forename_text(person, spelling),
                "complainant_surname": people.surname_text(person, spelling),
                "complainant_birth_date": people.birth_date_text(person, spelling),
                "complainant_address": people.address_text(person, spelling),
                "complainant_postcode": people.postcode_text(person, spelling),
                "suspect_refs": suspects,
            }
        )

    return render
