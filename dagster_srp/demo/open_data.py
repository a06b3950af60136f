"""The open feeds: ONS lookups and tables (facts, as published) and a small invented data.police.uk archive.

The archive comes twice, as the real one does: the later download restates the months that both hold, with other
outcomes. Anti-social behaviour has no id and identical rows; some rows have no place.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa

from dagster_srp.contracts import Contract
from dagster_srp.demo.areas import FACTS, Areas, facts
from dagster_srp.demo.days import Ints, month
from dagster_srp.demo.files import WrittenExtract, csv_bytes, write_table
from dagster_srp.demo.plan import Plan
from dagster_srp.demo.records import Records, joined, length, take
from dagster_srp.demo.spreadsheets import write_zip
from dagster_srp.demo.text import labels

_TYPES = {
    "Violence and sexual offences": 38, "Criminal damage and arson": 10, "Public order": 9, "Shoplifting": 9,
    "Vehicle crime": 8, "Other theft": 7, "Burglary": 6, "Drugs": 4, "Other crime": 4, "Possession of weapons": 2,
    "Robbery": 1, "Theft from the person": 1, "Bicycle theft": 1,
}  # fmt: skip
_ASB = "Anti-social behaviour"
_OUTCOMES = (
    "Under investigation", "Investigation complete; no suspect identified", "Unable to prosecute suspect",
    "Awaiting court outcome", "Local resolution", "Offender given a caution",
    "Further investigation is not in the public interest", "Action to be taken by another organisation",
)  # fmt: skip
_GIVEN = ("", *_OUTCOMES[1:3], "Suspect charged", *_OUTCOMES[4:])
"""What the outcomes file says of each; a charge stands in the street file as a case that awaits the court."""
_FORCE = "South Yorkshire Police"
_MONTHS = tuple(month(2025, number) for number in range(1, 7))
_DOWNLOADS = (("2025-04_demo_south-yorkshire", _MONTHS[:4]), ("2025-06_demo_south-yorkshire", _MONTHS[2:]))
_CRIMES_A_MONTH, _ASB_A_MONTH = 900, 260
_STREETS = (
    "High Street",
    "Station Road",
    "Church Lane",
    "Park/Open Space",
    "Supermarket",
    "Parking Area",
    "Mill Close",
)
_LONGITUDES, _LATITUDES = (-1.85, 0.9), (53.30, 0.35)
"""Where South Yorkshire begins and how far it reaches."""

_LOOKUP_NAMES = {
    "ons_lsoa_ward_lad": "lookup_lsoa21_ward24_ltla24_2024-12-01",
    "ons_lsoa_2011_2021": "lookup_lsoa11_lsoa21_ltla22_2022-12-01",
    "ons_lad_csp_pfa": "lookup_ltla24_csp24_pfa24_2024-12-01",
    "ons_residents": "census21_residents_lsoa21_2022-11-01",
    "ons_imd": "imd2025_lsoa21_2025-10-30",
}
_TABLES = {"ons_recorded_crime_csp": "table_c2", "ons_recorded_crime_force": "table_p1"}


def write_ons(inbox: Path, contract: Contract) -> list[WrittenExtract]:
    """One ONS feed: a lookup of South Yorkshire, or its rows of a published table with the table's preamble."""
    feed = contract.feed
    if feed in _TABLES:
        path = inbox / feed / f"{_TABLES[feed]}_ye_jun_2025.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        data = (FACTS / f"{_TABLES[feed]}.csv").read_bytes()
        path.write_bytes(data)
        return [WrittenExtract(feed, path, data.count(b"\nE23000011"))]
    rows = _lookup(feed)
    table = pa.table(
        {c.name: pa.array([row[c.source_name] for row in rows], pa.string()) for c in contract.columns}
    )
    return [write_table(inbox / feed / f"{_LOOKUP_NAMES[feed]}.csv", contract, table)]


def _lookup(feed: str) -> list[dict[str, str]]:
    """The rows of a lookup under the publisher's headers."""
    if feed == "ons_lad_csp_pfa":
        return facts("districts")
    wards = {row["ward_code"]: row for row in facts("wards")}
    districts = {row["ltla24_code"]: row["ltla24_name"] for row in facts("districts")}
    changes: dict[str, list[dict[str, str]]] = {}
    for change in facts("lsoa_changes"):
        changes.setdefault(change["lsoa21_code"], []).append(change)
    rows = []
    for lsoa in facts("lsoas"):
        ward = wards[lsoa["ward_code"]]
        district = {"code": ward["district_code"], "name": districts[ward["district_code"]]}
        same = {"lsoa11_code": lsoa["lsoa21_code"], "lsoa11_name": lsoa["lsoa21_name"], "change_code": "U"}
        here = lsoa | {"ward24_code": ward["ward_code"], "ward24_name": ward["ward_name"]}
        for edition in ("ltla24", "ltla22"):
            here |= {f"{edition}_{part}": district[part] for part in ("code", "name")}
        former = changes.get(lsoa["lsoa21_code"], [same]) if feed == "ons_lsoa_2011_2021" else [same]
        rows += [here | dict(one) for one in former]
    return rows


def write_police_uk(
    inbox: Path, contracts: Mapping[str, Contract], feeds: list[str], plan: Plan, areas: Areas, seed: int
) -> list[WrittenExtract]:
    """Two overlapping archives; each serves street and outcomes alike, as a download does."""
    rng = np.random.default_rng([seed, 600])
    names = {row["lsoa21_code"]: row["lsoa21_name"] for row in facts("lsoas")}
    lsoa_names = pa.array([names[code] for code in areas.lsoa21.to_pylist()], pa.string())
    street = joined([_street(rng, plan, areas, number) for number in _MONTHS])
    written = []
    for name, months in _DOWNLOADS:
        known = take(street, np.flatnonzero(np.isin(street["month"], months)))
        tables = {
            "police_uk_street": (known, _street_table(known, months[-1], areas, lsoa_names)),
            "police_uk_outcomes": _outcome_table(known, months, areas, lsoa_names),
        }
        members: list[tuple[str, str | bytes]] = []
        for feed, (rows, table) in tables.items():
            column = "month" if feed == "police_uk_street" else "given"
            for number in months:
                part = table.filter(pa.array(rows[column] == number))
                member = f"{_month_text(number)}/{_month_text(number)}-south-yorkshire-{feed.rsplit('_', 1)[1]}.csv"
                members.append((member, _member(contracts[feed], part)))
        for feed in feeds:
            path = inbox / feed / f"{name}.zip"
            write_zip(path, sorted(members))
            written.append(WrittenExtract(feed, path, tables[feed][1].num_rows))
    return written


def _month_text(number: int) -> str:
    return f"{number // 12}-{number % 12 + 1:02d}"


def _member(contract: Contract, table: pa.Table) -> bytes:
    named = table.rename_columns([contract.column(name).source_name for name in table.column_names])
    with tempfile.TemporaryDirectory() as folder:
        return csv_bytes(named, Path(folder) / "member.csv")


def _street(rng: np.random.Generator, plan: Plan, areas: Areas, number: int) -> Records:
    crimes, asb = plan.size(_CRIMES_A_MONTH), plan.size(_ASB_A_MONTH)
    weights = np.array(list(_TYPES.values()))
    count = crimes + asb
    district = rng.choice(4, count, p=[0.4, 0.2, 0.2, 0.2])
    lsoa, _ = areas.draw(rng, district, np.full(count, 10**6))
    lsoa = np.where(rng.random(count) < 0.03, -1, lsoa)
    street = rng.integers(0, 40, count)
    # Anti-social behaviour gathers where people do: many rows of one place and month are alike in every column.
    place = np.where(np.arange(count) < crimes, street, street % 3)
    outcome = rng.choice(len(_OUTCOMES), count, p=[0.16, 0.33, 0.34, 0.08, 0.03, 0.02, 0.02, 0.02])
    waits = rng.choice([0, 0, 1, 1, 2, 3, 4], count)
    # Where there is no decision yet there is none in any download.
    given = np.where((outcome == 0) | (np.arange(count) >= crimes), 10**6, number + waits)
    return {
        "month": np.full(count, number),
        "is_asb": np.arange(count) >= crimes,
        "kind": np.concatenate(
            [rng.choice(len(weights), crimes, p=weights / weights.sum()), np.zeros(asb, int)]
        ),
        "crime_id": np.frombuffer(rng.bytes(32 * count).hex().encode(), "S64"),
        "lsoa": lsoa,
        "place": place,
        "outcome": outcome,
        "given": given,
    }


def _common(rows: Records, month_column: str, areas: Areas, lsoa_names: pa.Array) -> dict[str, pa.Array]:
    count, lsoa = length(rows), rows["lsoa"]
    ids = pa.array(rows["crime_id"].astype("U64"), pa.string(), mask=rows["is_asb"])
    nowhere = lsoa < 0
    return {
        "crime_id": ids,
        "month": labels([_month_text(number) for number in range(month(2025, 1), month(2026, 1))], rows[month_column] - month(2025, 1)),
        "reported_by": labels([_FORCE], np.zeros(count, int)),
        "falls_within": labels([_FORCE], np.zeros(count, int)),
        "longitude": _coordinate(lsoa, rows["place"], *_LONGITUDES),
        "latitude": _coordinate(lsoa, rows["place"] + 7, *_LATITUDES),
        "location": labels(["No location", *(f"On or near {name}" for name in _STREETS)], np.where(nowhere, 0, 1 + rows["place"] % len(_STREETS))),
        "lsoa_code": labels(areas.lsoa21, lsoa),
        "lsoa_name": labels(lsoa_names, lsoa),
    }  # fmt: skip


def _coordinate(lsoa: Ints, place: Ints, west_or_south: float, span: float) -> pa.Array:
    degrees = west_or_south + span * ((lsoa * 0.618033 + place * 0.0123) % 1.0)
    return pa.array(np.round(degrees, 6), mask=lsoa < 0).cast(pa.string())


def _street_table(rows: Records, downloaded: int, areas: Areas, lsoa_names: pa.Array) -> pa.Table:
    """The street file as a download of a month shows it: outcomes given later are not known to it."""
    outcome = np.where(rows["given"] <= downloaded, rows["outcome"], 0)
    kind = np.where(rows["is_asb"], len(_TYPES), rows["kind"])
    return pa.table(
        _common(rows, "month", areas, lsoa_names)
        | {
            "crime_type": labels([*_TYPES, _ASB], kind),
            "last_outcome_category": labels(_OUTCOMES, np.where(rows["is_asb"], -1, outcome)),
            "context": labels([""], np.full(length(rows), -1)),
        }
    )


def _outcome_table(
    rows: Records, months: tuple[int, ...], areas: Areas, lsoa_names: pa.Array
) -> tuple[Records, pa.Table]:
    known = take(rows, np.flatnonzero(np.isin(rows["given"], months)))
    return known, pa.table(
        _common(known, "given", areas, lsoa_names) | {"outcome_type": labels(_GIVEN, known["outcome"])}
    )
