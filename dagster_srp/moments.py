"""Moments as people write them, and as everything inside has them: UTC without an offset."""

from __future__ import annotations

import datetime as dt
import re

from dagster_srp.errors import WrongMoment

_WRITTEN = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?)?")


def parse_as_at(text: str, now: dt.datetime | None = None) -> dt.datetime:
    """The moment that a person, a setting or Dagster's launchpad asks for; without an offset it is UTC.

    A day is its first moment. Raises WrongMoment for a text that is no moment and for a moment after `now`: what will be
    known then is not known.
    """
    text = text.strip()
    try:
        if not _WRITTEN.fullmatch(text):
            raise ValueError(text)
        moment = as_utc(dt.datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        raise WrongMoment(f"As-at {text!r} is no moment.") from None
    if moment > (now or dt.datetime.now(dt.UTC).replace(tzinfo=None)):
        raise WrongMoment(
            f"As-at {text} has not come yet: what will be known then is not known.",
            "Name a moment that has passed, or leave as-at out for now.",
        )
    return moment


def as_utc(moment: dt.datetime) -> dt.datetime:
    """A moment in UTC without its offset, whatever the machine's time zone; one without an offset is UTC already."""
    return moment.astimezone(dt.UTC).replace(tzinfo=None) if moment.tzinfo else moment
