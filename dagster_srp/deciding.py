"""Decisions by people about deliveries: recording one, and saying what waits for one.

What belongs here: finding the delivery that a person means, and what a refused refresh says about deliveries. What does
not: the log and the ledger's obedience (landing.decisions), or why a gate doubts a delivery (gates).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import duckdb

from dagster_srp.duck import Engine, attach, open_file, records
from dagster_srp.errors import WrongHome, WrongUse
from dagster_srp.home import Home, Workplace
from dagster_srp.landing.decisions import Decision, DecisionLog, now, obey
from dagster_srp.landing.ledger import DECISIONS
from dagster_srp.release.manifest import read_manifest
from dagster_srp.release.publish import current_release_id

STATES: dict[str, Literal["accepted", "refused"]] = {"accept": "accepted", "refuse": "refused"}
RELEASE = "release"
"""What is decided upon where the candidate lost what the current release has; no feed has this name."""
NAMED = 10
"""How many deliveries a refusal names: beyond these the list is longer than what a reader can act upon."""


class NotDecided(WrongUse):
    """The decision was not recorded; the message says why and what to do."""


@dataclass(frozen=True)
class Named:
    """A delivery as people know it."""

    delivery_no: int
    feed: str
    file_name: str


@dataclass(frozen=True)
class Refusal:
    """Why the last refresh was refused, and the deliveries that are new since the current release and led there."""

    message: str
    deliveries: tuple[Named, ...]

    @staticmethod
    def path(home: Home) -> Path:
        """Where the last refusal is kept until a release is made."""
        return home.warehouse / "refusal.json"

    @classmethod
    def forget(cls, home: Home) -> None:
        """Called when a release was made."""
        cls.path(home).unlink(missing_ok=True)

    @classmethod
    def of(
        cls, home: Home, workplace: Workplace, message: str, behind: Sequence[set[str]], engine: Engine
    ) -> Refusal:
        """The refusal with the deliveries of the feeds behind it; `behind` holds those feeds by what failed.

        A delivery that broke several things lies behind each of them; where none does, every new delivery may be it.
        """
        known = [feeds for feeds in behind if feeds]
        common = set.intersection(*known) if known else set()
        new = _new_deliveries(home, workplace, engine)
        for feeds in (common, set().union(*known)):
            if meant := tuple(d for d in new if d.feed in feeds):
                return cls(message, meant)
        return cls(message, tuple(new))

    @property
    def advice(self) -> str:
        """Which deliveries to look at, and the command that leads on."""
        if not self.deliveries:
            return ""
        names = "; ".join(
            f"delivery {d.delivery_no} of {d.feed} ({d.file_name})" for d in self.deliveries[:NAMED]
        )
        more = len(self.deliveries) - NAMED
        rest = f"; and {more:,} more (`srp decide` lists them)" if more > 0 else ""
        example = self.deliveries[0].delivery_no
        return (
            f"\nNew since the current release, and behind this: {names}{rest}.\nTo take one back and release the rest:"
            f' `srp decide {example} refuse --because "..."`, then `srp refresh`.'
        )

    def keep(self, home: Home) -> None:
        """Keeps it for `srp decide`."""
        plain = {"message": self.message, "deliveries": [vars(d) for d in self.deliveries]}
        self.path(home).write_text(json.dumps(plain), encoding="utf-8")


@dataclass(frozen=True)
class Vanished:
    """What the last candidate had lost without a decision; `key` holds for these losses alone."""

    key: str
    message: str

    @staticmethod
    def path(home: Home) -> Path:
        """Where the losses are kept until they are decided and released."""
        return home.warehouse / "vanished.json"

    @classmethod
    def forget(cls, home: Home) -> None:
        """Called when a candidate is judged anew, and when a release was made."""
        cls.path(home).unlink(missing_ok=True)

    @classmethod
    def read(cls, home: Home) -> Vanished | None:
        """The losses that wait for a decision."""
        path = cls.path(home)
        return cls(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None

    def keep(self, home: Home) -> None:
        """Keeps them for `srp decide release`."""
        self.path(home).write_text(json.dumps(vars(self)), encoding="utf-8")


def accepted_losses(home: Home, key: str) -> str | None:
    """The reason for which a person accepted these losses; None where nobody did."""
    decision = DecisionLog(home.archive).standing().get((RELEASE, key))
    if decision is None or decision.state != "accepted":
        return None
    return f"{decision.because[0]} ({decision.by}, {decision.at[:10]})"


def _decide_release(home: Home, verdict: str, because: str, by: str) -> dict[str, Any]:
    lost = Vanished.read(home)
    if lost is None:
        raise NotDecided("No refresh was refused because something vanished: there is nothing to decide.")
    reason = " ".join(because.split())
    decision = Decision(RELEASE, lost.key, STATES[verdict], by, now(), (reason, lost.message))
    DecisionLog(home.archive).record([decision])
    return {
        "feed": RELEASE,
        "sha256": lost.key,
        "state": STATES[verdict],
        "decided_by": by,
        "because": reason,
        "about": lost.message,
    }


def decide(home: Home, which: str, verdict: str, because: str, by: str, engine: Engine) -> dict[str, Any]:
    """Records a decision about a delivery and lets the ledger obey it; call under the home's lock. Gives it as values.

    `which` is a delivery's number, its file name (with or without its feed) or the first digits of its sha256; or
    `release`, for what vanished from the last candidate.
    `verdict` is accept or refuse. Raises NotDecided.
    """
    if verdict not in STATES:
        raise NotDecided(f'Say accept or refuse: `srp decide {which} refuse --because "..."`.')
    if not because.strip():
        raise NotDecided('A decision needs its reason: --because "...". It is published with the figures.')
    if which == RELEASE:
        return _decide_release(home, verdict, because, by)
    with _ledger(home, engine, read_only=False) as connection:
        delivery = _meant(connection, which)
        if delivery["state"] == "held" and verdict == "accept":
            raise NotDecided(
                f"Delivery {delivery['delivery_no']} is held: its form breaks the contract, and none of its rows are in."
                " Ask the partner to resend it, or change the contract (docs/engineer.md); `srp deliveries` says why."
            )
        log = DecisionLog(home.archive)
        told = (" ".join(because.split()),)
        log.record([Decision(delivery["feed"], delivery["sha256"], STATES[verdict], by, now(), told)])
        obey(connection, log)
        return {**_meant(connection, str(delivery["delivery_no"])), "decided_by": by, "because": told[0]}


def waiting(home: Home, engine: Engine) -> list[dict[str, Any]]:
    """What waits for a decision: doubted deliveries, and those that the last refused refresh named."""
    with _ledger(home, engine, read_only=True) as connection:
        doubted = records(
            connection,
            "select delivery_no, feed, file_name, state, array_to_string(reasons, ' ') as why from ledger.deliveries"
            " where state = 'doubted' order by feed, extracted_at, sha256",
            [],
        )
        states = dict(connection.execute("select delivery_no, state from ledger.deliveries").fetchall())
    path = Refusal.path(home)
    told = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"deliveries": []}
    known = {row["delivery_no"] for row in doubted}
    named = [
        {**d, "state": states[d["delivery_no"]], "why": f"behind the last refusal: {told['message']}"}
        for d in told["deliveries"]
        if d["delivery_no"] not in known and states.get(d["delivery_no"]) == "accepted"
    ]
    if lost := Vanished.read(home):
        decision = DecisionLog(home.archive).standing().get((RELEASE, lost.key))
        if decision is None or decision.state != "accepted":
            named.append(
                {
                    "delivery_no": None,
                    "feed": RELEASE,
                    "file_name": None,
                    "state": "refused",
                    "why": lost.message,
                }
            )
    return doubted + named


def history(home: Home, engine: Engine) -> list[dict[str, Any]]:
    """Every decision by a person or doubt of a gate, the latest last."""
    with _ledger(home, engine, read_only=True) as connection:
        names = {
            (feed, sha256): (number, name)
            for number, feed, sha256, name in connection.execute(
                "select delivery_no, feed, sha256, file_name from ledger.deliveries"
            ).fetchall()
        }
    told = [d for d in DecisionLog(home.archive).history() if d.state != "passed"]
    return [
        {
            "delivery_no": names.get((d.feed, d.sha256), (None, None))[0],
            "feed": d.feed,
            "file_name": names.get((d.feed, d.sha256), (None, None))[1],
            "decided": d.state,
            "by": d.by,
            "at": d.at,
            "because": " ".join(d.because),
        }
        for d in sorted(told, key=lambda d: d.at)
    ]


def _meant(connection: duckdb.DuckDBPyConnection, which: str) -> dict[str, Any]:
    found = records(
        connection,
        "select delivery_no, feed, file_name, sha256, state from ledger.deliveries where delivery_no::varchar = $1"
        " or file_name = $1 or feed || '/' || file_name = $1 or (length($1) >= 8 and starts_with(sha256, $1))"
        " order by delivery_no",
        [which],
    )
    if not found:
        raise NotDecided(f"No delivery is {which!r}. `srp deliveries` lists their numbers and file names.")
    if len(found) > 1:
        names = ", ".join(f"{d['delivery_no']} ({d['feed']}/{d['file_name']})" for d in found)
        raise NotDecided(f"{which!r} may be any of {names}. Name it by its number.")
    return found[0]


def _new_deliveries(home: Home, workplace: Workplace, engine: Engine) -> list[Named]:
    """The deliveries that this build sees and the current release was not made from."""
    current = current_release_id(home)
    manifest = read_manifest(home.releases / current / "manifest.json") if current else None
    released = (
        {(d.feed, d.sha256) for d in manifest.deliveries if d.state == "accepted"} if manifest else set()
    )
    with open_file(workplace.build, engine) as connection:
        attach(connection, workplace.landing, "landing")
        rows = connection.execute(
            "select d.delivery_no, d.feed, d.file_name, d.sha256 from control.visible_delivery as v"
            " join landing.ledger.deliveries as d using (delivery_no) order by d.feed, d.extracted_at, d.sha256"
        ).fetchall()
    return [Named(number, feed, name) for number, feed, name, sha in rows if (feed, sha) not in released]


def _ledger(home: Home, engine: Engine, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    path = home.workplace.landing
    if not path.exists():
        raise WrongHome("Nothing has landed yet.", "Run `srp refresh`.")
    connection = open_file(path, engine, read_only=read_only)
    if not read_only:
        connection.execute(DECISIONS)
    return connection
