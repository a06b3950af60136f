"""Says so where a delivery changes nothing: what had landed before it is later than every row of it."""

from __future__ import annotations

import duckdb

from dagster_srp.contracts import Contract
from dagster_srp.duck import value_of
from dagster_srp.landing.ledger import Delivery

ADVICE = (
    " If it is a correction, send it under a name with the day on which it was taken (`... YYYY-MM-DD`): that day decides"
    " which of two deliveries counts."
)


def overtaken_by(connection: duckdb.DuckDBPyConnection, contract: Contract, delivery: Delivery) -> str | None:
    """What to tell of a delivery none of whose rows count, because deliveries that landed earlier are later; else None."""
    later = connection.execute(
        "select o.delivery_no, o.file_name, o.extracted_at, d.extracted_at from ledger.deliveries as d"
        " join ledger.deliveries as o on o.feed = d.feed and o.state = 'accepted' and o.delivery_no < d.delivery_no"
        " and (o.extracted_at, o.landed_at, o.sha256) > (d.extracted_at, d.landed_at, d.sha256)"
        " where d.delivery_no = ? order by o.extracted_at desc, o.landed_at desc, o.sha256 desc",
        [delivery.delivery_no],
    ).fetchall()
    if not later or not delivery.accepted:
        return None
    numbers = ", ".join(str(number) for number, *_ in later)
    query = _standing(contract, delivery.delivery_no, numbers)
    if query and value_of(connection, f"select exists ({query})"):
        return None
    _, name, moment, own = later[0]
    return f"Nothing of it counts: it is dated {own}, and {name}, dated {moment}, holds all of its records already.{ADVICE}"


def _standing(contract: Contract, number: int, later: str) -> str | None:
    """A query for what of the delivery stays current beside later ones; None where a later one replaces all of it."""
    raw = f"raw.{contract.feed}"
    match contract.restates_by:
        case "snapshot":
            return None
        case "replace_period":
            same = "l.reported_by = p.reported_by and l.month = p.month"
            return (
                f"select 1 from ledger.delivery_periods as p where p.delivery_no = {number} and not exists"
                f" (select 1 from ledger.delivery_periods as l where l.delivery_no in ({later}) and {same})"
            )
        case "upsert":
            key = " and ".join(f"l.{name} = r.{name}" for name in contract.key)
            return (
                f"select 1 from {raw} as r where r._delivery_no = {number} and not exists"
                f" (select 1 from {raw} as l where l._delivery_no in ({later}) and {key})"
            )
        case _:
            return f"select 1 from {raw} where _delivery_no = {number}"
