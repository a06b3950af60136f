"""Random histories: each a random sequence of deliveries about records and months of its own.

Twenty histories lie side by side in one build. They share no record and no month, so each is judged for itself, and a
month that one of them forgets to touch is not touched by another.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random

from dagster_srp.contracts import Contract, load_contracts

HISTORIES = 20
MONTHS_EACH = 6
RECORDS_EACH = 8
DELIVERIES_A_BATCH = 3
FEEDS = ("syp_crimes", "syp_crime_outcomes", "syp_incidents", "rmbc_asb_reports", "police_uk_street")
CODES = ("57/14", "8/06", "19/08", "28/03")
LSOAS = ("E01007710", "E01007720", "E01007730", "")
STREET_TYPES = ("Anti-social behaviour", "Burglary", "Robbery")

Row = dict[str, str]


def write_batch(inbox: Path, rng: Random, batch: int) -> None:
    """One batch of deliveries: some histories' records, some of them again, extracted in no order."""
    contracts = load_contracts()
    for feed in FEEDS:
        for number in range(DELIVERIES_A_BATCH):
            rows = [
                row for history in range(HISTORIES) if rng.random() < 0.5 for row in _rows(feed, history, rng)
            ]
            extracted = date(2025, 6, 1) + timedelta(days=rng.randrange(300))
            path = inbox / feed / f"{_named(feed, extracted)}_{batch}{number}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, contracts[feed], rows)


def _named(feed: str, extracted: date) -> str:
    return f"{extracted:%Y-%m}_{feed}" if feed.startswith("police_uk") else f"{feed}_{extracted:%Y%m%d}"


def _write(path: Path, contract: Contract, rows: Sequence[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([c.source_name for c in contract.columns])
        writer.writerows([[row.get(c.name, "") for c in contract.columns] for row in rows])


def _rows(feed: str, history: int, rng: Random) -> list[Row]:
    if feed == "police_uk_street":
        return _street(history, rng)
    chosen = rng.sample(range(RECORDS_EACH), rng.randrange(RECORDS_EACH))
    return [_row(feed, history * RECORDS_EACH + number, history, rng) for number in chosen]


def _row(feed: str, number: int, history: int, rng: Random) -> Row:
    day = _day(history, rng)
    person = f"{history}-{rng.randrange(3)}"
    place = {"district_code": "E08000018", "lsoa_code": rng.choice(LSOAS)}
    caller = {"caller_surname": f"Surname{person}", "caller_address": f"{person} High Street"}
    match feed:
        case "syp_crimes":
            committed = max(_first(history), day - timedelta(days=rng.randrange(60)))
            return {
                "crime_ref": f"SYP/15/{number:06d}",
                "recorded_date": f"{day:%d/%m/%Y}",
                "committed_from_date": f"{committed:%d/%m/%Y}",
                "offence_code": rng.choice(CODES),
                "is_dwelling": rng.choice("YN"),
                "tags": rng.choice(["", "domestic_abuse", "cse"]),
                "hate_strands": rng.choice(["", "", "race", "race;religion"]),
                "complainant_ref": person,
                **place,
            }
        case "syp_crime_outcomes":
            kind = rng.choice(["0", "1", "2", "18"])
            # the key holds type and day: a record's own day for each keeps a delivery free of repeated keys
            return {
                "crime_ref": f"SYP/15/{number:06d}",
                "outcome_type": kind,
                "outcome_date": f"{day:%d/%m/%Y}",
            }
        case "syp_incidents":
            return {
                "incident_ref": f"INC/15/{number:06d}",
                "opened_at": f"{day:%d/%m/%Y} 12:00",
                "closing_category": rng.choice(["asb_personal", "hate_non_crime", "domestic_abuse"]),
                **place,
                **caller,
            }
        case _:
            return {
                "report_ref": f"RMBC/15/{number:06d}",
                "reported_at": f"{day:%d/%m/%Y} 12:00",
                "report_type": rng.choice(["noise", "litter"]),
                **place,
                **caller,
            }


def _street(history: int, rng: Random) -> list[Row]:
    month = _first(history) + timedelta(days=31 * rng.randrange(MONTHS_EACH - 1))
    rows = []
    for number in range(rng.randrange(5)):
        kind = rng.choice(STREET_TYPES)
        is_crime = kind != STREET_TYPES[0]
        rows.append(
            {
                "crime_id": f"{history:032x}{number:032x}" if is_crime else "",
                "month": f"{month:%Y-%m}",
                "reported_by": "South Yorkshire Police",
                "falls_within": "South Yorkshire Police",
                "location": "On or near High Street",
                "lsoa_code": rng.choice(LSOAS),
                "crime_type": kind,
                "last_outcome_category": rng.choice(["Under investigation", "Local resolution"])
                if is_crime
                else "",
            }
        )
    return rows


def _first(history: int) -> date:
    months = 3 + history * MONTHS_EACH
    return date(2015 + months // 12, months % 12 + 1, 1)


def _day(history: int, rng: Random) -> date:
    """A day of the history's own months."""
    return _first(history) + timedelta(days=rng.randrange(28 * MONTHS_EACH))
