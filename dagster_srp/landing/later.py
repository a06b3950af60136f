"""No extract holds records later than itself: what is made of rows that are later than the moment of their delivery."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import duckdb

from dagster_srp.contracts import Contract
from dagster_srp.duck import row_of
from dagster_srp.landing.held import Held
from dagster_srp.landing.moment import month_end
from dagster_srp.landing.repeats import take_out


@dataclass(frozen=True)
class Settled:
    """The moment of a delivery, how many of its rows were taken out for it, and what should be told."""

    moment: dt.datetime
    quarantined: int = 0
    told: tuple[str, ...] = ()


def settle_moment(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    delivery_no: int,
    moment: dt.datetime,
    arrived: dt.datetime,
    rows_read: int,
) -> Settled:
    """The moment that agrees with the rows; raises Held where no moment up to the arrival does.

    Few rows that are later than the extract are wrong, and quarantined. Where they are more than the contract's threshold,
    the moment is wrong: a name may give the first day of a range. Then the last record dates the delivery.
    """
    column = contract.period_column
    if column is None or contract.may_lie_ahead:
        return Settled(moment)
    later_rows = f"_delivery_no = {delivery_no} and {column}::date > date '{moment.date()}'"
    count, last = row_of(
        connection, f"select count(*), max({column})::date from raw.{contract.feed} where {later_rows}"
    )
    if not count:
        return Settled(moment)
    shown = contract.column(column).source_name
    if count / rows_read <= contract.quarantine_threshold:
        reason = f"{shown}: later than the day on which the extract was taken"
        return Settled(moment, take_out(connection, contract, later_rows, reason))
    end = (
        month_end(last) if contract.restates_by == "replace_period" else dt.datetime.combine(last, dt.time())
    )
    if last > (arrived + dt.timedelta(days=1)).date():
        raise Held(
            f"{shown}: {count:,} of {rows_read:,} rows are later than {moment.date()}, the day of the extract, and the last"
            f" is later than {arrived.date()}, when it arrived. Correct the days in the rows, and resend."
        )
    told = (
        f"{count:,} of {rows_read:,} rows are later than {moment.date()}, which its name gives: it is dated at its last"
        f" record, {end.date()}."
    )
    return Settled(end, 0, (told,))
