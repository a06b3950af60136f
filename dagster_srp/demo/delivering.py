"""The months in which partners deliver, and how records become one file for each.

Deliveries run without a gap from April 2015 to March 2019 and from April 2022 to June 2025. Outcomes go on through
2019/20, while the crimes of the years before receive theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias, cast

import numpy as np
import pyarrow as pa

from dagster_srp.contracts import Contract
from dagster_srp.demo.days import Ints, date_of, first_day, month
from dagster_srp.demo.files import Format, WrittenExtract, write_table
from dagster_srp.demo.plan import LAST_MONTH
from dagster_srp.demo.records import Records, take

_FIRST_RUN_ENDS = month(2019, 3)

Render: TypeAlias = Callable[[Records], pa.Table]


def end_of_run(months: Ints, outcomes: bool = False) -> Ints:
    """The last delivery of the unbroken run in which each month lies."""
    ends = month(2020, 3) if outcomes else _FIRST_RUN_ENDS
    return np.where(months <= ends, ends, LAST_MONTH).astype(np.int32)


def quarter_end(months: Ints) -> Ints:
    """The last month of each month's quarter: when a feed delivered by the quarter holds it."""
    return cast(Ints, months + 2 - months % 3)


def file_date(sent: int) -> str:
    """The date in a delivery's name: three to seven days after the end of its month."""
    return date_of(first_day(sent + 1) + 2 + sent * 7 % 5).strftime("%Y%m%d")


def deliver(
    inbox: Path,
    contract: Contract,
    records: Records,
    render: Render,
    formats: Callable[[int], Format] = lambda sent: Format.CSV,
) -> list[WrittenExtract]:
    """Writes records, sorted by `sent`, as one file a delivery."""
    written = []
    months, starts = np.unique(records["sent"], return_index=True)
    ends = np.append(starts, len(records["sent"]))[1:]
    for sent, start, end in zip(months, starts, ends, strict=True):
        form = formats(int(sent))
        table = render(take(records, np.arange(start, end)))
        path = inbox / contract.feed / f"{contract.feed}_demo_{file_date(int(sent))}.{form.extension}"
        written.append(write_table(path, contract, table, form))
    return written
