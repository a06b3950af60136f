"""The real open data: every row accepted or told apart, whatever the order of arrival."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from .room import LIMITS, Room

FEEDS = ("police_uk_street", "police_uk_outcomes")


def _lines(archive: Path, feed: str) -> int:
    """Rows by another way: the lines of the members, less their headers. No text of theirs holds a line end."""
    ending = "-street.csv" if feed == "police_uk_street" else "-outcomes.csv"
    with zipfile.ZipFile(archive) as members:
        return sum(members.read(n).count(b"\n") - 1 for n in members.namelist() if n.endswith(ending))


@pytest.mark.parametrize("name", ["2024-12_south-yorkshire.zip", "2025-06_south-yorkshire.zip"])
def test_an_archive_lands_every_row_of_both_feeds(
    rooms: Callable[..., Room], real_data: Path, name: str
) -> None:
    room, source = rooms(*FEEDS), real_data / "police_uk" / name
    (room.root / "inbox" / FEEDS[0]).mkdir(parents=True)
    shutil.copy(source, room.root / "inbox" / FEEDS[0] / name)
    room.limits = type(LIMITS)(max_bytes=1 << 40, max_ratio=200)
    landed = {d.feed: d for d in room.land().deliveries}
    expected = {feed: _lines(source, feed) for feed in FEEDS}
    assert {feed: d.rows_read for feed, d in landed.items()} == {f: n for f, n in expected.items() if n > 0}
    for delivery in landed.values():
        assert delivery.state == "accepted" and delivery.quarantined == 0


def _sample(source: Path) -> bytes:
    """The archive with the last three months' street members, and 300 lines of each."""
    out = io.BytesIO()
    with zipfile.ZipFile(source) as members, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as kept:
        for name in sorted(n for n in members.namelist() if n.endswith("-street.csv"))[-3:]:
            kept.writestr(zipfile.ZipInfo(name), b"".join(members.read(name).splitlines(keepends=True)[:300]))
    return out.getvalue()


def test_the_order_of_the_archives_does_not_matter(rooms: Callable[..., Room], real_data: Path) -> None:
    samples = {path.name: _sample(path) for path in sorted((real_data / "police_uk").glob("*.zip"))}
    assert len(samples) == 4
    found = []
    for order in (list(samples), list(samples)[::-1]):
        room = rooms("police_uk_street", name=order[0])
        for name in order:
            room.land_one(samples[name], name, "police_uk_street")
        found.append(room.everything())
    assert found[0] == found[1]
    assert len(found[0]["deliveries"]) == 4


@pytest.mark.parametrize(
    ("feed", "name"),
    [
        ("ons_lsoa_2011_2021", "lookup_lsoa11_lsoa21_ltla22.csv"),
        ("ons_lsoa_ward_lad", "lookup_lsoa21_ward24_ltla24.csv"),
        ("ons_lad_csp_pfa", "lookup_ltla24_csp24_pfa24.csv"),
        ("ons_residents", "census21_residents_lsoa21.csv"),
        ("ons_imd", "imd2025_lsoa21.csv"),
        ("ons_recorded_crime_csp", "pfa_tables_ye_jun_2025_table_c2.csv"),
        ("ons_recorded_crime_force", "pfa_tables_ye_jun_2025_table_p1.csv"),
    ],
)
def test_every_lookup_and_table_lands_without_a_broken_row(
    rooms: Callable[..., Room], real_data: Path, feed: str, name: str
) -> None:
    delivery = rooms(feed).land_one((real_data / "ons" / name).read_bytes(), name, feed)
    assert (delivery.state, delivery.quarantined) == ("accepted", 0) and delivery.accepted > 40
