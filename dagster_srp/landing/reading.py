"""What the ledger says of deliveries and quarantined rows, for whoever asks; counts and names only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from dagster_srp.contracts import Contract
from dagster_srp.duck import Engine, literal, open_file, records
from dagster_srp.errors import NoSuchName, WrongHome
from dagster_srp.home import Home

GRACE_MONTHS = 1
"""A delivery for a month is cut in the next: a month of grace, or every feed would be late until its partner had sent."""


@dataclass(frozen=True)
class Asked:
    """Which deliveries are asked for; what is None or False narrows nothing. `month` is a month's first day."""

    feed: str | None = None
    month: dt.date | None = None
    held: bool = False
    late: bool = False
    latest: bool = False


DELIVERIES = """
with promised as (
    select * from (values {cadences}) as t (feed, cadence_months)
),

known as (
    select
        delivery_no, feed, file_name, extracted_at, landed_at, period_start_date, period_end_date, rows_read_count,
        accepted_count, quarantined_count, state, reasons, warnings, sha256,
        extracted_at = max(extracted_at) filter (where state = 'accepted') over (partition by feed)
            and state = 'accepted' as is_latest,
        max(extracted_at) filter (where state = 'accepted') over (partition by feed)
            + to_months(cadence_months + {grace}) < max(extracted_at) filter (where state = 'accepted') over ()
            as is_late
    from ledger.deliveries
    left join promised using (feed)
)

select * from known
where
    ($feed is null or feed = $feed)
    and ($month is null or date_trunc('month', extracted_at) = $month
        or $month between date_trunc('month', period_start_date) and period_end_date)
    and (not $held or state = 'held')
    and (not $late or (is_late and is_latest))
    and (not $latest or is_latest)
order by feed, extracted_at, delivery_no
"""

QUARANTINE = """
select q.feed, d.file_name, d.state, q.reason, count(*) as rows_count, list(q._line order by q._line)[:5] as first_lines
from ({rows}) as q
inner join ledger.deliveries as d on q._delivery_no = d.delivery_no
group by all
order by q.feed, d.file_name, q.reason
"""


def deliveries(
    home: Home, contracts: Mapping[str, Contract], asked: Asked, engine: Engine
) -> list[dict[str, Any]]:
    """The deliveries asked for, with what became of their rows.

    A feed is late where its newest accepted delivery is older than the feed's cadence and a month of grace, against the
    newest delivery of all. Raises NoSuchName and WrongHome.
    """
    _check(contracts, asked.feed)
    promises = (f"({literal(c.feed)}, {c.cadence_months})" for c in contracts.values())
    query = DELIVERIES.format(cadences=", ".join(promises), grace=GRACE_MONTHS)
    parameters = {"feed": asked.feed, "month": asked.month}
    flags = {"held": asked.held, "late": asked.late, "latest": asked.latest}
    with _open(home, engine) as connection:
        return records(connection, query, {**parameters, **flags})


def quarantine_counts(
    home: Home, contracts: Mapping[str, Contract], feed: str | None, engine: Engine
) -> list[dict[str, Any]]:
    """How many rows broke which rule, by file, with the first lines; raises NoSuchName and WrongHome."""
    _check(contracts, feed)
    rows = " union all ".join(
        f"select '{name}' as feed, _delivery_no, _line, unnest(reasons) as reason from quarantine.{name}"
        for name in ([feed] if feed else contracts)
    )
    with _open(home, engine) as connection:
        return records(connection, QUARANTINE.format(rows=rows))


def _check(contracts: Mapping[str, Contract], feed: str | None) -> None:
    if feed is not None and feed not in contracts:
        raise NoSuchName.among("feed", feed, contracts, "srp feeds")


def _open(home: Home, engine: Engine) -> duckdb.DuckDBPyConnection:
    if not home.workplace.landing.exists():
        raise WrongHome("Nothing has landed yet.", "Put files into the inbox, and run `srp refresh`.")
    return open_file(home.workplace.landing, engine)
