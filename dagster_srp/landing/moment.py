"""The moment at which a delivery was extracted, read as its contract says."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from dagster_srp.contracts import Contract

TIME = re.compile(
    r"(?:[T_ ]?([0-2]\d)([0-5]\d)([0-5]\d)|T([0-2]\d)[-:.]?([0-5]\d)(?:[-:.]?([0-5]\d))?)(?!\d)"
)
"""A time right after a day in a name: six digits, or after a `T` four; `_0001` is a number and no time."""
DAY = re.compile(r"(?<!\d)(\d{4}-\d{2}-\d{2})(?!\d)")
AHEAD = dt.timedelta(days=1)
"""A partner's clock may be in another time zone than ours."""


@dataclass(frozen=True)
class Stated:
    """A moment that a text gives, and the first moment of the day or month that it stands for."""

    moment: dt.datetime
    begins: dt.datetime


def extracted_at(
    contract: Contract, file_name: str, head: str, last_period: dt.date | None, arrived: dt.datetime
) -> dt.datetime | None:
    """The moment in the file's name or content; None where there is none, and the moment it arrived must do.

    A name's day is taken at midnight, or at the time that follows it; of several days the last, since an export of a range
    ends with it. A day after the delivery arrived is no day of its extraction. A month (open-data archives, ONS tables) is
    taken at its last day; a full day in an archive's name is that of its download. An archive whose name has neither is of
    the last month inside it. A table of yearly editions whose name has no day is taken at the first of its year.
    """
    rule = contract.extracted_at
    match rule.source:
        case "content":
            moments = _matches(contract, head)
        case "archive":
            moments = [*_days(file_name), *_matches(contract, file_name)][:1]
        case _:
            moments = sorted(_matches(contract, file_name), key=lambda found: found.moment, reverse=True)
    for found in moments:
        if found.begins <= arrived + AHEAD:
            return found.moment
    if rule.edition and (edition := re.search(rule.edition, head.split("\n", 1)[0])):
        return dt.datetime.strptime(edition.group(1), "%y")
    if rule.source == "archive" and last_period is not None:
        return month_end(last_period)
    return None


def told_of_name(contract: Contract, file_name: str, arrived: dt.datetime) -> list[str]:
    """What should be told of the days in a delivery's name: that there are several, or one that cannot be."""
    if contract.extracted_at.source != "name":
        return []
    days = sorted({found.moment for found in _matches(contract, file_name)})
    future = [day for day in days if day > arrived + AHEAD]
    told = [f"Its name says {day}, which is after it arrived: it is not dated by that." for day in future]
    past = [day for day in days if day not in future]
    if len(past) > 1:
        told.append(f"Its name has the days {past[0].date()} and {past[-1].date()}: it is dated at the last.")
    return told


def month_end(day: dt.date) -> dt.datetime:
    """The last day of a day's month."""
    return dt.datetime(day.year, day.month, calendar.monthrange(day.year, day.month)[1])


def _matches(contract: Contract, text: str) -> list[Stated]:
    rule = contract.extracted_at
    found = re.finditer(rule.pattern, text)
    moments = (_stated(match.group(1), rule.format, text[match.end(1) :]) for match in found)
    return [moment for moment in moments if moment]


def _days(text: str) -> Iterator[Stated]:
    for match in DAY.finditer(text):
        if moment := _stated(match.group(1), None, text[match.end() :]):
            yield moment


def _stated(text: str, text_format: str | None, after: str) -> Stated | None:
    digits = text.replace("-", "")
    try:
        if text_format or len(digits) == 6:
            month = dt.datetime.strptime(text if text_format else digits, text_format or "%Y%m")
            return Stated(month_end(month), month)
        day = dt.datetime.strptime(digits, "%Y%m%d")
    except ValueError:
        return None
    return Stated(dt.datetime.combine(day, _time(after)), day)


def _time(after: str) -> dt.time:
    found = TIME.match(after)
    hour, minute, second = (
        (found.group(1) or found.group(4), found.group(2) or found.group(5), found.group(3) or found.group(6))
        if found
        else ("0", "0", "0")
    )
    return dt.time(min(int(hour), 23), int(minute), int(second or 0))
