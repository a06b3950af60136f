"""Records as integer columns, before they become text: the operations that every feed needs.

A record set is a plain mapping of column name to an array; all arrays are as long as one another. Three columns mean
the same everywhere: `sent` is the month whose delivery holds the row, `breach` says how the row breaks its contract
(0: it does not), and the rest are the feed's own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, cast

import numpy as np

from dagster_srp.demo.days import Ints

Records: TypeAlias = dict[str, Ints]


def take(records: Records, places: Ints) -> Records:
    """Some of the records, in the order of the places."""
    return {name: column[places] for name, column in records.items()}


def joined(parts: list[Records]) -> Records:
    """Record sets one after another."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def length(records: Records) -> int:
    """How many records there are."""
    return len(next(iter(records.values())))


def numbered_by_year(year: Ints) -> Ints:
    """The running number of each record within its year, from 1, for records sorted by year."""
    _, starts, counts = np.unique(year, return_index=True, return_counts=True)
    return (np.arange(len(year)) - np.repeat(starts, counts) + 1).astype(np.int32)


def chosen(rng: np.random.Generator, mask: Ints, count: int) -> Ints:
    """Exactly so many places out of those that a mask allows (all of them where there are fewer), in order."""
    places = np.flatnonzero(mask)
    return np.sort(rng.choice(places, min(count, len(places)), replace=False))


def late(rng: np.random.Generator, months: Ints, last: Ints, share: float) -> Ints:
    """Months of first delivery: mostly the month itself, for a small share one to three months later."""
    lag = np.where(rng.random(len(months)) < share, rng.integers(1, 4, len(months)), 0)
    return cast(Ints, np.minimum(months + lag, last).astype(np.int32))


def restated(
    rng: np.random.Generator,
    records: Records,
    last: Ints,
    share: float,
    alter: Callable[[Records], Records],
) -> Records:
    """The records with an earlier version of some of them.

    A share of the records moves to a later delivery (up to `last`, the end of its run of months), and an altered copy
    takes its place in the first: what partners do when an offence is reclassified or a place corrected. The last
    delivery of each record is therefore always the one that the plan intends.
    """
    later = np.minimum(records["sent"] + rng.integers(1, 9, length(records)), last)
    again = np.flatnonzero((rng.random(length(records)) < share) & (later > records["sent"]))
    earlier = alter(take(records, again))
    final = dict(records)
    final["sent"] = records["sent"].copy()
    final["sent"][again] = later[again]
    return joined([final, earlier])


def in_order_of_delivery(records: Records) -> Records:
    """Sorted by delivery, and within it as they came."""
    return take(records, np.argsort(records["sent"], kind="stable"))
