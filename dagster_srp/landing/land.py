"""Lands whatever waits: archives the inbox's files, then takes every archived delivery the ledger lacks into raw."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from dagster_srp.contracts import Contract
from dagster_srp.duck import value_of
from dagster_srp.home import DEMO_MARK
from dagster_srp.landing.accept import Judged, accept, quarantine_repeated_keys
from dagster_srp.landing.archive import Archive, Receipt, printable
from dagster_srp.landing.decisions import DecisionLog, as_decided, obey
from dagster_srp.landing.faults import TRIED_AGAIN, during
from dagster_srp.landing.held import Held, without_rows
from dagster_srp.landing.inbox import InboxFile, scan_inbox
from dagster_srp.landing.later import settle_moment
from dagster_srp.landing.ledger import (
    Delivery,
    forget,
    open_ledger,
    outdated_feeds,
    period_of,
    record,
    record_periods,
)
from dagster_srp.landing.load import Loaded, alike, load_parts
from dagster_srp.landing.members import told_of_months, told_of_others
from dagster_srp.landing.moment import extracted_at, told_of_name
from dagster_srp.landing.overtaken import overtaken_by
from dagster_srp.landing.packed import Limits, zip_members
from dagster_srp.landing.parts import Part
from dagster_srp.landing.readers import format_of
from dagster_srp.landing.repeats import quarantine_repeats
from dagster_srp.landing.resent import moment_of_resend, resend
from dagster_srp.landing.versions import open_by_version


@dataclass(frozen=True)
class Problem:
    """Something a person must look at; `where` is a file's name, never a row's content."""

    where: str
    what: str


@dataclass
class Landed:
    """What one landing did: new deliveries, files that had come before, and what a person must look at."""

    deliveries: list[Delivery] = field(default_factory=list)
    repeats: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    overtaken: list[Problem] = field(default_factory=list)
    """Deliveries that changed nothing: what had landed before is later than every row of theirs."""


@dataclass(frozen=True)
class LandingSettings:
    """The paths and limits that landing needs, and whether the home is one that takes demo extracts."""

    inbox: Path
    archive: Path
    settle_seconds: float
    limits: Limits
    takes_demo: bool = False


def land(
    connection: duckdb.DuckDBPyConnection,
    contracts: Mapping[str, Contract],
    settings: LandingSettings,
    *,
    clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC).replace(tzinfo=None),
    feeds: Iterable[str] | None = None,
    on_delivery: Callable[[Delivery], None] = lambda delivery: None,
) -> Landed:
    """Archives and lands everything that is whole; a bad delivery is held and never stops another.

    Each delivery is one transaction, so that a kill leaves it wholly landed or not at all; the archive holds its bytes
    either way. `feeds` narrows the work to some feeds. The clock is read for `landed_at` alone.
    """
    wanted = set(feeds if feeds is not None else contracts)
    landed = Landed()
    open_ledger(connection, contracts)
    stale = [
        feed for feed in outdated_feeds(connection, contracts) if feed in wanted or feed not in contracts
    ]
    forget(connection, stale)
    open_ledger(connection, contracts)
    archive = Archive(settings.archive)
    archive.clear_incoming()
    shutil.rmtree(_work_root(archive), ignore_errors=True)
    _collect(archive, contracts, settings, clock, wanted, landed)
    _forget_faults(connection, wanted)
    for receipt, moment in _pending(connection, archive, contracts, wanted):
        delivery = _land_one(connection, archive, contracts, receipt, moment, settings.limits)
        landed.deliveries.append(delivery)
        on_delivery(delivery)
    obey(connection, DecisionLog(settings.archive))
    landed.deliveries = as_decided(connection, landed.deliveries)
    for delivery in landed.deliveries:
        if delivery.state == "accepted" and (
            later := overtaken_by(connection, contracts[delivery.feed], delivery)
        ):
            landed.overtaken.append(Problem(f"{delivery.feed}/{delivery.file_name}", later))
    return landed


def _collect(
    archive: Archive,
    contracts: Mapping[str, Contract],
    settings: LandingSettings,
    clock: Callable[[], dt.datetime],
    wanted: set[str],
    landed: Landed,
) -> None:
    scan = scan_inbox(settings.inbox, contracts, settings.settle_seconds)
    landed.problems.extend(Problem(str(path), what) for path, what in scan.refused)
    for path in scan.unfinished:
        landed.problems.append(
            Problem(str(path), "Still being written, or a partial upload: left for the next time.")
        )
    for item in scan.ready:
        if item.feed not in wanted:
            continue
        if DEMO_MARK in item.path.name and not settings.takes_demo:
            landed.problems.append(
                Problem(str(item.path), "A demo extract, and this home is of real ones: take it away.")
            )
            continue
        try:
            _archive_one(archive, item, contracts, settings.limits, clock(), landed)
        except (FileNotFoundError, PermissionError) as error:
            landed.problems.append(
                Problem(str(item.path), f"It could not be read or taken away ({error.strerror}).")
            )


def _archive_one(
    archive: Archive,
    item: InboxFile,
    contracts: Mapping[str, Contract],
    limits: Limits,
    now: dt.datetime,
    landed: Landed,
) -> None:
    """The inbox's file goes last, so that a kill before it does the whole of this again."""
    archived = archive.take(item.path, item.feed, now)
    if archived is None:
        landed.problems.append(
            Problem(str(item.path), "It changed while it was read: left for the next time.")
        )
        return
    first = archived.receipt
    again = (
        resend(archive, contracts[item.feed], first, printable(item.path.name), now)
        if archived.is_repeat
        else None
    )
    if archived.is_repeat and again is None:
        landed.repeats.append(
            f"{item.feed}/{item.path.name}: the same bytes landed {first.landed_at} as {first.file_name}"
        )
    _share_zip(archive, again or first, contracts, limits)
    item.path.unlink()


def _share_zip(archive: Archive, receipt: Receipt, contracts: Mapping[str, Contract], limits: Limits) -> None:
    """One archive zip may serve several feeds: it is a delivery of each whose members it holds."""
    if format_of(receipt.file_name) != "zip":
        return
    try:
        with during("opened"):
            names = [m.filename for m in zip_members(archive.object_path(receipt.sha256), limits)]
    except Held:
        return
    for feed, contract in contracts.items():
        if feed != receipt.feed and contract.serves(names):
            moment = dt.datetime.fromisoformat(receipt.landed_at)
            archive.register(feed, receipt.sha256, receipt.file_name, receipt.byte_count, moment)


def _forget_faults(connection: duckdb.DuckDBPyConnection, wanted: set[str]) -> None:
    """A delivery that broke no rule and was held is tried again: the code, or the machine, may be another by now."""
    connection.execute(
        "delete from ledger.deliveries where state = 'held' and list_contains($1, feed)"
        " and contains(array_to_string(reasons, ' '), $2)",
        [sorted(wanted), TRIED_AGAIN],
    )


def _pending(
    connection: duckdb.DuckDBPyConnection,
    archive: Archive,
    contracts: Mapping[str, Contract],
    wanted: set[str],
) -> list[tuple[Receipt, dt.datetime | None]]:
    """Archived deliveries that the ledger lacks, oldest first, so that numbers follow the moments they speak for."""
    known = set(connection.execute("select feed, sha256 from ledger.deliveries").fetchall())
    pending = []
    for receipt in archive.receipts():
        if (
            (receipt.feed, receipt.sha256) in known
            or receipt.feed not in wanted
            or receipt.feed not in contracts
        ):
            continue
        pending.append((receipt, _stated_moment(archive, contracts[receipt.feed], receipt)))
    far = dt.datetime.max
    return sorted(pending, key=lambda pair: (pair[0].feed, pair[1] or far, pair[0].landed_at, pair[0].sha256))


def _stated_moment(archive: Archive, contract: Contract, receipt: Receipt) -> dt.datetime | None:
    """When it was extracted, as far as its name or first bytes say; a resend is dated when it was sent."""
    if receipt.is_resend:
        return moment_of_resend(archive, contract, receipt)
    with archive.object_path(receipt.sha256).open("rb") as stream:
        head = stream.read(4096).decode("utf-8", errors="ignore")
    return extracted_at(contract, receipt.file_name, head, None, _arrived(receipt))


def _arrived(receipt: Receipt) -> dt.datetime:
    return dt.datetime.fromisoformat(receipt.landed_at)


def _land_one(
    connection: duckdb.DuckDBPyConnection,
    archive: Archive,
    contracts: Mapping[str, Contract],
    receipt: Receipt,
    moment: dt.datetime | None,
    limits: Limits,
) -> Delivery:
    work = Path(tempfile.mkdtemp(prefix="landing_", dir=_work_root(archive)))
    number = value_of(connection, "select coalesce(max(delivery_no), 0) + 1 from ledger.deliveries")
    try:
        return _take_in(connection, archive, contracts, receipt, moment, limits, work, int(number))
    except Held as held:
        _undo(connection)
        return _record_held(connection, contracts[receipt.feed], receipt, moment, int(number), held.reasons)
    except BaseException:
        _undo(connection)
        raise
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _undo(connection: duckdb.DuckDBPyConnection) -> None:
    """Rolls back; where the disk is full DuckDB may have done so itself, and the error to show is the first one."""
    with suppress(duckdb.Error):
        connection.execute("rollback")


def _take_in(
    connection: duckdb.DuckDBPyConnection,
    archive: Archive,
    contracts: Mapping[str, Contract],
    receipt: Receipt,
    moment: dt.datetime | None,
    limits: Limits,
    work: Path,
    number: int,
) -> Delivery:
    path = archive.object_path(receipt.sha256)
    with during("opened"):
        contract, opened = open_by_version(path, receipt, contracts[receipt.feed], moment, work, limits)
        opened.warnings += told_of_others(opened.members, contracts.values())
    with during("loaded"):
        # What is loaded before the transaction begins is read by every thread; what is loaded inside it, by one.
        together = load_parts(connection, opened.parts, contract) if alike(opened.parts) else None
    connection.execute("begin")
    with during("judged"):
        judged = list(_judge(connection, contract, number, opened.parts, together))
        read = sum(part.read for part in judged)
        quarantined = sum(part.quarantined for part in judged)
        broken, repeats = quarantine_repeated_keys(connection, contract, number)
        quarantined += broken
        told = [*opened.warnings, *dict.fromkeys(line for part in judged for line in part.told)]
    with during("recorded"):
        return _recorded(connection, contract, receipt, moment, number, told, read, quarantined, repeats)


def _recorded(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    receipt: Receipt,
    moment: dt.datetime | None,
    number: int,
    told: list[str],
    read: int,
    quarantined: int,
    repeats: int,
) -> Delivery:
    """Writes what became of a delivery whose rows are judged, and ends its transaction; raises Held."""
    warnings = list(told)
    if read == 0 and not contract.may_be_empty:
        raise Held(without_rows(contract))
    if read == 0:
        warnings.append("It has a header and no rows: it says that nothing happened, and changes no record.")
    if read and quarantined / read > contract.quarantine_threshold:
        return _hold_broken(connection, contract, receipt, moment, number, read, quarantined)
    repeats += quarantine_repeats(connection, contract, number)
    if repeats:
        quarantined += repeats
        warnings.append(f"{repeats:,} rows repeat a record of the delivery: each record is counted once.")
    _, last = period_of(connection, contract, number)
    arrived = _arrived(receipt)
    warnings += told_of_name(contract, receipt.file_name, arrived)
    if receipt.is_resend:
        warnings.append(f"The same bytes had been sent before: this is a resend, dated {moment}.")
    stated = moment or extracted_at(contract, receipt.file_name, "", last, arrived)
    if stated is None:
        warnings.append(
            "Neither its name nor its content says when it was extracted: it is dated when it arrived."
        )
    settled = settle_moment(connection, contract, number, stated or arrived, arrived, max(read, 1))
    warnings += settled.told
    quarantined += settled.quarantined
    warnings += told_of_months(connection, contract, number, receipt.file_name)
    first, last = period_of(connection, contract, number)
    record_periods(connection, contract, number)
    delivery = Delivery(
        number,
        contract.feed,
        receipt.file_name,
        read,
        read - quarantined,
        quarantined,
        "accepted",
        (),
        tuple(warnings),
    )
    record(connection, contract, receipt, delivery, settled.moment, first, last)
    connection.execute("commit")
    return delivery


def _judge(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    number: int,
    parts: list[Part],
    together: Loaded | None,
) -> Iterator[Judged]:
    """All parts at once where they could be loaded together; else one after another."""
    if together is not None:
        yield accept(connection, contract, number, together)
        return
    for part in parts:
        loaded = load_parts(connection, [part], contract)
        if loaded is None:
            raise TypeError("a part alone is always loaded or held")
        yield accept(connection, contract, number, loaded)


def _hold_broken(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    receipt: Receipt,
    moment: dt.datetime | None,
    number: int,
    read: int,
    quarantined: int,
) -> Delivery:
    """Holds a delivery of which too many rows broke the contract; its broken rows stay in quarantine to be looked at."""
    counts = connection.execute(
        "select reason, count(*), min(_line) from (select unnest(reasons) as reason, _line"
        f" from quarantine.{contract.feed} where _delivery_no = ?) group by reason order by count(*) desc, reason",
        [number],
    ).fetchall()
    reasons = [
        f"{quarantined:,} of {read:,} rows break the contract ({quarantined / read:.1%}); it allows"
        f" {contract.quarantine_threshold:.1%}. Mend the extract and resend, or agree another contract.",
        *(f"{reason}: {count:,} rows, first on line {line:,}" for reason, count, line in counts),
        *(_perhaps_wrong(reason) for reason, count, _ in counts if count == read),
    ]
    connection.execute(f"delete from raw.{contract.feed} where _delivery_no = ?", [number])
    delivery = Delivery(number, contract.feed, receipt.file_name, read, 0, read, "held", tuple(reasons), ())
    record(connection, contract, receipt, delivery, moment, None, None)
    connection.execute("commit")
    return delivery


def _perhaps_wrong(reason: str) -> str:
    return (
        f"Every row breaks the rule {reason!r}. A rule that every row breaks may be a wrong rule: ask the partner whether"
        " the extract or the contract is to change."
    )


def _record_held(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    receipt: Receipt,
    moment: dt.datetime | None,
    number: int,
    reasons: list[str],
) -> Delivery:
    delivery = Delivery(number, contract.feed, receipt.file_name, 0, 0, 0, "held", tuple(reasons), ())
    connection.execute("begin")
    record(connection, contract, receipt, delivery, moment, None, None)
    connection.execute("commit")
    return delivery


def _work_root(archive: Archive) -> Path:
    root = archive.root.parent / "warehouse" / "work"
    root.mkdir(parents=True, exist_ok=True)
    return root
