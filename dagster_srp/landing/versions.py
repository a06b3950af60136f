"""Which version of its contract judges a delivery."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from dagster_srp.contracts import Contract
from dagster_srp.landing.archive import Receipt
from dagster_srp.landing.held import WrongHeader
from dagster_srp.landing.packed import Limits
from dagster_srp.landing.parts import Opened
from dagster_srp.landing.readers import open_delivery


def open_by_version(
    path: Path,
    receipt: Receipt,
    contract: Contract,
    moment: dt.datetime | None,
    work: Path,
    limits: Limits,
) -> tuple[Contract, Opened]:
    """The delivery opened by the version valid at its moment, else by the newest that its header fits; raises Held.

    Where no version fits, the reasons are those of the version that is valid. `moment` is when it was extracted, as far
    as its name or content says; without it the moment of its arrival counts.
    """
    day = (moment or dt.datetime.fromisoformat(receipt.landed_at)).date()
    valid = contract.valid_on(day)
    try:
        return valid, open_delivery(path, receipt.file_name, valid, work, limits)
    except WrongHeader as wrong:
        for other in contract.versions:
            if other is valid:
                continue
            try:
                opened = open_delivery(path, receipt.file_name, other, work, limits)
            except WrongHeader:
                continue
            opened.warnings.append(
                f"Judged by version {other.version} of the contract, which its header fits, and not by {valid.version},"
                f" which is valid on {day}: {'; '.join(wrong.reasons)}"
            )
            return other, opened
        raise
