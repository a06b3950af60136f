"""The same bytes sent again: when that is a repeat, and when a delivery of its own."""

from __future__ import annotations

import datetime as dt

from dagster_srp.contracts import Contract
from dagster_srp.landing.archive import Archive, Receipt
from dagster_srp.landing.moment import extracted_at


def resend(
    archive: Archive, contract: Contract, first: Receipt, file_name: str, now: dt.datetime
) -> Receipt | None:
    """The receipt of a resend, written to the archive; None where it is a repeat that changes nothing.

    A delivery that replaces others whole counts again where another has arrived since: the good list after a bad one. Any
    delivery counts again under a name with a later day than those it had.
    """
    received = archive.of_feed(first.feed)
    same = [r for r in received if _bytes_of(r) == _bytes_of(first)]
    replaces = contract.restates_by in ("snapshot", "replace_period")
    has_come_since = same[-1] != received[-1]
    if _later_day(contract, file_name, now, same) is None and not (replaces and has_come_since):
        return None
    number = f"{_bytes_of(first)}.{len(same) + 1}"
    return archive.register(first.feed, number, file_name, first.byte_count, now).receipt


def moment_of_resend(archive: Archive, contract: Contract, receipt: Receipt) -> dt.datetime:
    """The later day of its name, else the moment at which it was sent.

    Open data are dated by month, and the next archive must come after a resend: it is of the newest month received before,
    and counts as the later arrival.
    """
    arrived = dt.datetime.fromisoformat(receipt.landed_at)
    before = [r for r in archive.of_feed(receipt.feed) if r.landed_at < receipt.landed_at]
    same = [r for r in before if _bytes_of(r) == _bytes_of(receipt)]
    if day := _later_day(contract, receipt.file_name, arrived, same):
        return day
    if contract.restates_by == "replace_period":
        return max(filter(None, (_named(contract, r.file_name, arrived) for r in before)), default=arrived)
    return arrived


def _bytes_of(receipt: Receipt) -> str:
    return receipt.sha256.split(".")[0]


def _named(contract: Contract, file_name: str, arrived: dt.datetime) -> dt.datetime | None:
    return extracted_at(contract, file_name, "", None, arrived)


def _later_day(
    contract: Contract, file_name: str, arrived: dt.datetime, same: list[Receipt]
) -> dt.datetime | None:
    """The day of the name, where it is later than every day under which the same bytes had come."""
    day = _named(contract, file_name, arrived)
    before = [_named(contract, r.file_name, arrived) for r in same]
    return day if day and all(other and other < day for other in before) else None
