"""What the names of a zip's members say: which feed they are of, and for which month; and where the rows say otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath

import duckdb

from dagster_srp.contracts import Contract
from dagster_srp.landing.held import Held

FEW = 5
NAMED_MONTH = re.compile(r"(?:^|/)(\d{4}-\d{2})-[^/]*$")


def members_of(contract: Contract, names: Iterable[str]) -> list[str]:
    """The members that are of the feed, in the order of their names; raises Held where two are one file by name.

    A zip may be made with month folders, without them, or with folders of its own: a member's own name says what it is.
    """
    wanted = sorted(name for name in names if contract.serves([name]))
    by_own_name: dict[str, str] = {}
    for name in wanted:
        twin = by_own_name.setdefault(PurePosixPath(name).name, name)
        if twin != name:
            raise Held(f"Members {twin!r} and {name!r} have one name. Send that file once.")
    if not wanted:
        raise Held(f"No member of the zip is named as the contract says ({contract.zip_member}).")
    return wanted


def told_of_others(names: Sequence[str], contracts: Iterable[Contract]) -> list[str]:
    """What is said of the members that no feed takes: the first few, and how many there are."""
    known = list(contracts)
    others = sorted(name for name in names if not any(contract.serves([name]) for contract in known))
    if not others:
        return []
    first = ", ".join(repr(name) for name in others[:FEW])
    more = f" and {len(others) - FEW:,} more" if len(others) > FEW else ""
    return [f"Members of the zip that no feed takes ({len(others):,}) stay in the archive: {first}{more}."]


def told_of_months(
    connection: duckdb.DuckDBPyConnection, contract: Contract, delivery_no: int, file_name: str
) -> Iterator[str]:
    """Where a file is named for one month and its rows are of another; the rows decide for which month they count."""
    if contract.zip_member is None or contract.period_column is None:
        return
    month = f"strftime({contract.period_column}, '%Y-%m')"
    rows = connection.execute(
        f"select coalesce(_member, $1) as file, {month} as month, count(*) from raw.{contract.feed}"
        " where _delivery_no = $2 group by all order by all",
        [file_name, delivery_no],
    ).fetchall()
    for file, month, count in rows:
        named = NAMED_MONTH.search(file)
        if named and contract.serves([file]) and month not in (None, named[1]):
            yield (
                f"{file} is named for {named[1]}, and {count:,} of its rows are of {month}: they count for {month}."
                " Ask the publisher which of the two is right."
            )
