"""Doubts: deliveries whose form is right and whose content cannot be chance, judged by their feed's own history.

What belongs here: the judgements and their sentences. What does not: counting (landing.profile), and what becomes of a
doubted delivery (landing.decisions). A feed's first load is its history and is not judged. Each delivery is judged once,
when it first lands, and the log remembers it: a warehouse made again comes to the same marts.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dagster_srp.contracts import Contract
from dagster_srp.gates.definitions import feeds_of_indicators, limits_of
from dagster_srp.landing.decisions import BY_GATE, Decision, DecisionLog, State, now, obey
from dagster_srp.landing.profile import profile

SHOWN = 5
"""Indicators that a message names; it counts the others."""

Group = str
"""Who reports: the force where a feed is restated by force and month, else the whole feed."""


@dataclass(frozen=True)
class Limits:
    """The rows of seeds/doubt_limits.csv, which says why each is what it is."""

    chance: float
    history_months: float
    least_history_months: float
    spread_quantile: float
    least_change_ratio: float
    least_restated_share: float


@dataclass(frozen=True)
class Sent:
    """A delivery, when it was extracted, and its rows by group and month."""

    number: int
    sha256: str
    extracted: dt.date
    months: Mapping[tuple[Group, dt.date], int]


@dataclass(frozen=True)
class Brought:
    """A whole month as the delivery that first brought it had it."""

    month: dt.date
    number: int
    rows: int
    age: int
    """Months from the month to the extract: outcomes and corrections grow with it."""


def doubt_new(
    connection: duckdb.DuckDBPyConnection, contracts: Mapping[str, Contract], archive: Path
) -> None:
    """Profiles and judges every delivery that the log does not know, records each judgement, and lets the ledger obey."""
    profile(connection, contracts.values())
    log = DecisionLog(archive)
    known = set(log.standing())
    judged = [
        decision for contract in contracts.values() for decision in _judged(connection, contract, known)
    ]
    if judged:
        log.record(judged)
        obey(connection, log)


def _judged(
    connection: duckdb.DuckDBPyConnection, contract: Contract, known: set[tuple[str, str]]
) -> Iterator[Decision]:
    unknown = [
        sha256
        for (sha256,) in connection.execute(
            "select sha256 from ledger.deliveries where feed = ? and state = 'accepted' order by extracted_at, sha256",
            [contract.feed],
        ).fetchall()
        if (contract.feed, sha256) not in known
    ]
    if not unknown:
        return
    sent = _sent(connection, contract)
    history = [one for one in sent if one.sha256 not in unknown]
    is_first_load = not history
    for one in (one for one in sent if one.sha256 in unknown):
        reasons = [] if is_first_load else list(_reasons(connection, contract, history, one))
        state: State = "doubted" if reasons else "passed"
        because = (*reasons, *_told(contract, one)) if reasons else ()
        yield Decision(contract.feed, one.sha256, state, BY_GATE, now(), tuple(because))
        if not reasons:
            history.append(one)


def _reasons(
    connection: duckdb.DuckDBPyConnection, contract: Contract, history: Sequence[Sent], new: Sent
) -> Iterator[str]:
    limits = Limits(**limits_of("doubt_limits"))
    if contract.period_column is None:
        yield from _lost_rows(contract, history, new, limits)
        return
    covered = _covered(history)
    for group in sorted({group for group, _ in new.months} | ({""} if not new.months else set())):
        months = covered.get(group, {})
        if contract.restates_by == "replace_period":
            yield from _lost_months(contract, history, new, group, limits)
        fresh = _fresh(months, new, group)
        earlier = sorted(months.values(), key=lambda b: b.month)[-int(limits.history_months) :]
        for brought in fresh:
            yield from _changed_total(brought, [b.rows for b in earlier], limits)
        if contract.restates_by != "replace_period" and fresh:
            yield from _days_without_rows(connection, earlier, fresh[-1], limits)
            for brought in fresh:
                yield from _gone_values(connection, earlier, brought, limits)


def _lost_rows(contract: Contract, history: Sequence[Sent], new: Sent, limits: Limits) -> Iterator[str]:
    """A lookup that is a small part of the one before it."""
    before = sum(max(history, key=lambda one: one.extracted).months.values())
    rows = sum(new.months.values())
    if _loses(rows, before, limits):
        yield f"It replaces {before:,} rows by {rows:,}."


def _lost_months(
    contract: Contract, history: Sequence[Sent], new: Sent, group: Group, limits: Limits
) -> Iterator[str]:
    """A restatement that loses nearly all of a month."""
    for (whose, month), rows in sorted(new.months.items()):
        versions = [one for one in history if (whose, month) in one.months and one.extracted <= new.extracted]
        if whose != group or not versions:
            continue
        before = max(versions, key=lambda one: one.extracted).months[whose, month]
        if _loses(rows, before, limits):
            yield f"{month:%B %Y} of {group} is restated from {before:,} rows to {rows:,}."


def _loses(rows: int, before: int, limits: Limits) -> bool:
    if rows >= limits.least_restated_share * before:
        return False
    from scipy.stats import poisson

    return float(poisson.cdf(rows, before)) < limits.chance


def _changed_total(brought: Brought, earlier: Sequence[int], limits: Limits) -> Iterator[str]:
    """A month that shrinks or grows beyond what the feed's own months do."""
    if len(earlier) < limits.least_history_months:
        return
    mean = sum(earlier) / len(earlier)
    low, high = _tails(brought.rows, [(count, 1.0) for count in earlier], 1.0, limits)
    shrinks = low < limits.chance and brought.rows * limits.least_change_ratio < mean
    grows = high < limits.chance and brought.rows > mean * limits.least_change_ratio
    if shrinks or grows:
        yield (
            f"{brought.month:%B %Y} has {brought.rows:,} rows; the {len(earlier)} months before it had {mean:,.0f} on"
            f" average ({min(earlier):,} to {max(earlier):,})."
        )


def _days_without_rows(
    connection: duckdb.DuckDBPyConnection, earlier: Sequence[Brought], brought: Brought, limits: Limits
) -> Iterator[str]:
    """A month whose rows stop: more empty days in a row than the feed ever had, and than chance gives."""
    if len(earlier) < limits.least_history_months or not brought.rows:
        return
    found = connection.execute(
        "select delivery_no, date_trunc('month', day)::date, list(dayofmonth(day)) from ledger.delivery_days"
        " where list_contains($1, delivery_no) group by all",
        [[b.number for b in [*earlier, brought]]],
    ).fetchall()
    days = {(number, month): set(filled) for number, month, filled in found}
    runs = [_runs(b.month, days.get((b.number, b.month), set())) for b in earlier]
    empty = sum(sum(run) for run in runs) + 1
    share = empty / (sum(_length(b.month) for b in earlier) + 2)
    usual = max((max(run, default=0) for run in runs), default=0)
    longest = max(_runs(brought.month, days.get((brought.number, brought.month), set())), default=0)
    if longest > usual * limits.least_change_ratio and share**longest < limits.chance:
        yield (
            f"{brought.month:%B %Y} has {longest} days in a row without a row; in the {len(earlier)} months before it"
            f" there were never more than {usual}."
        )


def _gone_values(
    connection: duckdb.DuckDBPyConnection, earlier: Sequence[Brought], brought: Brought, limits: Limits
) -> Iterator[str]:
    """A value, tag, strand or area that every month of the same age had, and this one has not."""
    alike = [b for b in earlier if b.age == brought.age]
    if len(alike) < limits.least_history_months or not brought.rows:
        return
    gone: dict[str, list[tuple[str, float]]] = defaultdict(list)
    theirs = {b.month: _values(connection, b) for b in alike}
    ours = _values(connection, brought)
    for column, value in sorted(set.intersection(*(set(one) for one in theirs.values()))):
        if ours.get((column, value), 0):
            continue
        counts = [(theirs[b.month][column, value], float(b.rows)) for b in alike]
        low, _ = _tails(0, counts, float(brought.rows), limits)
        if low < limits.chance:
            rate = sum(count for count, _ in counts) / sum(rows for _, rows in counts)
            gone[column].append((value, rate * brought.rows))
    for column, values in gone.items():
        worst = max(values, key=lambda pair: pair[1])
        more = f" and {len(values) - 1} more values" if len(values) > 1 else ""
        what = "has any value" if worst[0] == GIVEN else f"is {worst[0]!r}"
        yield (
            f"{column}: no row of {brought.month:%B %Y} {what}{more}, as in every month since"
            f" {alike[0].month:%B %Y} ({worst[1]:,.0f} rows expected)."
        )


GIVEN = "(given)"


def _values(connection: duckdb.DuckDBPyConnection, brought: Brought) -> dict[tuple[str, str], int]:
    """Rows of a month by column and coded value, and by column with any value at all."""
    rows = connection.execute(
        "select column_name, value, rows_count from ledger.delivery_values where delivery_no = ? and month = ?",
        [brought.number, brought.month],
    ).fetchall()
    empty = {column: count for column, value, count in rows if value is None}
    given = {(column, GIVEN): brought.rows - count for column, count in empty.items() if count < brought.rows}
    return given | {(column, value): count for column, value, count in rows if value is not None}


def _tails(
    count: int, earlier: Sequence[tuple[int, float]], exposure: float, limits: Limits
) -> tuple[float, float]:
    """The chances of so few and of so many, by a negative binomial with the spread that the earlier counts show.

    `earlier` are counts with what they are out of. The spread is its upper bound, so that few months doubt little.
    """
    from scipy.stats import chi2, nbinom

    months = len(earlier)
    rate = sum(counted for counted, _ in earlier) / sum(out_of for _, out_of in earlier)
    mean = max(rate * exposure, 1e-9)
    if rate == 0:
        return 1.0, 1.0
    pearson = sum((counted - rate * out_of) ** 2 / (rate * out_of) for counted, out_of in earlier)
    bound = (months - 1) / float(chi2.ppf(limits.spread_quantile, months - 1))
    spread = max(pearson / (months - 1), 1.0) * bound * (1 + 1 / months)
    size = mean / (spread - 1)
    return float(nbinom.cdf(count, size, 1 / spread)), float(nbinom.sf(count - 1, size, 1 / spread))


def _covered(history: Sequence[Sent]) -> dict[Group, dict[dt.date, Brought]]:
    """The whole months of each group, by the delivery that first brought each; corrections of old months bring none."""
    covered: dict[Group, dict[dt.date, Brought]] = defaultdict(dict)
    for one in history:
        for group in {group for group, _ in one.months}:
            for brought in _fresh(covered[group], one, group):
                covered[group][brought.month] = brought
    return covered


def _fresh(covered: Mapping[dt.date, Brought], one: Sent, group: Group) -> list[Brought]:
    """The whole months that a delivery is the first to bring; the month before it where it has no rows at all."""
    first = min(covered, default=dt.date.min)
    months = dict(sorted((month, rows) for (whose, month), rows in one.months.items() if whose == group))
    if not one.months:
        months = {_month_before(one.extracted): 0}
    return [
        Brought(month, one.number, rows, _age(month, one.extracted))
        for month, rows in months.items()
        if month not in covered and month > first and _last_day(month) <= one.extracted
    ]


def _sent(connection: duckdb.DuckDBPyConnection, contract: Contract) -> list[Sent]:
    """Every delivery of a feed that is in use, in the order of their extracts."""
    by_group = contract.restates_by == "replace_period"
    source = (
        "select delivery_no, reported_by as whose, month, rows_count from ledger.delivery_periods where feed = $1"
        if by_group
        else "select delivery_no, '' as whose, coalesce(date_trunc('month', day)::date, date '0001-01-01') as month,"
        " sum(rows_count)::bigint as rows_count from ledger.delivery_days where feed = $1 group by all"
    )
    rows = connection.execute(
        "select d.delivery_no, d.sha256, d.extracted_at::date, p.whose, p.month, p.rows_count from ledger.deliveries as d"
        f" left join ({source}) as p using (delivery_no) where d.feed = $1 and d.state = 'accepted'"
        " order by d.extracted_at, d.landed_at, d.sha256, p.whose, p.month",
        [contract.feed],
    ).fetchall()
    return [
        Sent(
            number,
            sha256,
            extracted,
            {(whose, month): n for *_, whose, month, n in lines if month is not None},
        )
        for (number, sha256, extracted), lines in (
            (key, list(group)) for key, group in itertools.groupby(rows, key=lambda row: row[:3])
        )
    ]


def _told(contract: Contract, new: Sent) -> list[str]:
    """What the doubt holds back, and the command that leads on."""
    moved = [name for name, feeds in feeds_of_indicators().items() if contract.feed in feeds]
    names = ", ".join(moved[:SHOWN]) + (f" and {len(moved) - SHOWN} more" if len(moved) > SHOWN else "")
    told = [f"It would move {names}."] if moved else []
    return [
        *told,
        "Its rows are kept and not counted, and the other feeds go on. Ask the partner, then decide:"
        f' `srp decide {new.number} accept --because "..."` or `refuse`.',
    ]


def _runs(month: dt.date, filled: set[int]) -> list[int]:
    """The lengths of the runs of days of a month that are not filled."""
    is_filled = [day in filled for day in range(1, _length(month) + 1)]
    return [len(list(run)) for full, run in itertools.groupby(is_filled) if not full]


def _last_day(month: dt.date) -> dt.date:
    return (month.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)


def _length(month: dt.date) -> int:
    return _last_day(month).day


def _month_before(day: dt.date) -> dt.date:
    return (day.replace(day=1) - dt.timedelta(days=1)).replace(day=1)


def _age(month: dt.date, extracted: dt.date) -> int:
    return (extracted.year - month.year) * 12 + extracted.month - month.month
