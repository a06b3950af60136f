"""The moment a delivery speaks for, read as its contract says."""

from __future__ import annotations

import calendar
import datetime as dt
import re

from dagster_srp.contracts import Contract


def extracted_at(
    contract: Contract, file_name: str, head: str, last_period: dt.date | None
) -> dt.datetime | None:
    """The moment in the file's name or content; None where there is none, and the landing time must serve.

    A name's date is taken at midnight. A month (open-data archives, ONS tables) is taken at its last day. An archive
    whose name does not begin with a month speaks for the last month inside it. A table of yearly editions whose name has
    no date is taken at the first day of its edition's year.
    """
    rule = contract.extracted_at
    for found in re.finditer(rule.pattern, head if rule.source == "content" else file_name):
        if moment := _moment(found.group(1), rule.format):
            return moment
    if rule.edition and (edition := re.search(rule.edition, head.split("\n", 1)[0])):
        return dt.datetime.strptime(edition.group(1), "%y")
    if rule.source == "archive" and last_period is not None:
        return _month_end(last_period.year, last_period.month)
    return None


def _moment(text: str, text_format: str | None) -> dt.datetime | None:
    digits = text.replace("-", "")
    try:
        if text_format:
            month = dt.datetime.strptime(text, text_format)
            return _month_end(month.year, month.month)
        if len(digits) == 6:
            return _month_end(int(digits[:4]), int(digits[4:]))
        return dt.datetime.strptime(digits, "%Y%m%d")
    except ValueError:
        return None


def _month_end(year: int, month: int) -> dt.datetime:
    return dt.datetime(year, month, calendar.monthrange(year, month)[1])
