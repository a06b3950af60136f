"""Days and months as small integers, and the partners' way of writing them.

A day is its number since 1 January 1970, a month is `year * 12 + month - 1`; both are what numpy counts fast. Text is
looked up in a table made once, so that writing a million dates formats none.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Ints: TypeAlias = npt.NDArray[Any]

NO_DAY = -(10**6)
_FIRST, _LAST = dt.date(1915, 1, 1), dt.date(2040, 12, 31)
_EPOCH = dt.date(1970, 1, 1)


def day(date: dt.date) -> int:
    """The number of a day."""
    return (date - _EPOCH).days


def date_of(number: int) -> dt.date:
    """The day of a number."""
    return _EPOCH + dt.timedelta(days=int(number))


def month(year: int, month_of_year: int) -> int:
    """The number of a month."""
    return year * 12 + month_of_year - 1


def first_day(month_number: int) -> int:
    """The first day of a month."""
    return day(dt.date(month_number // 12, month_number % 12 + 1, 1))


def first_days(months: Ints) -> Ints:
    """The first day of each month."""
    return (
        (months.astype(np.int64) - 1970 * 12).astype("datetime64[M]").astype("datetime64[D]").astype(np.int32)
    )


def month_of(days: Ints) -> Ints:
    """The month in which each day lies."""
    counted = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + 1970 * 12
    return counted.astype(np.int32)


def year_of(days: Ints) -> Ints:
    """The calendar year in which each day lies."""
    return (month_of(days) // 12).astype(np.int32)


def fiscal_year_of(days: Ints) -> Ints:
    """The financial year in which each day lies, by the year in which it begins."""
    return ((month_of(days) - 3) // 12).astype(np.int32)


def _table(pattern: str) -> pa.Array:
    span = (_LAST - _FIRST).days + 1
    return pa.array([(_FIRST + dt.timedelta(days=n)).strftime(pattern) for n in range(span)], pa.string())


_DAYS = _table("%d/%m/%Y")
_CLOCK = pa.array([f"{n // 60:02d}:{n % 60:02d}" for n in range(1440)], pa.string())


def day_text(days: Ints) -> pa.Array:
    """Days as dd/mm/yyyy; NO_DAY stays empty."""
    places = np.where(days == NO_DAY, 0, days - day(_FIRST)).astype(np.int32)
    return _DAYS.take(pa.array(places, mask=days == NO_DAY))


def clock_text(minutes: Ints) -> pa.Array:
    """Minutes after midnight as hh:mm."""
    return _CLOCK.take(pa.array(minutes.astype(np.int32)))
