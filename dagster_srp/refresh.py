"""One refresh: land, build, gate, release. The steps are methods, so that a terminal and Dagster run the same ones.

What belongs here: the order of the steps and what a refusal stops. What does not: any step's own work.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path

from dagster_srp.attempts import Recorder, recorded
from dagster_srp.building import (
    BuildPlan,
    Dbt,
    DbtFailed,
    DbtOutcome,
    code_version,
    complete_build,
    dbt_environment,
    marts_selection,
    prepare_build,
    staging_selection,
)
from dagster_srp.contracts import Contract, load_contracts
from dagster_srp.deciding import RELEASE, Refusal, Vanished, accepted_losses
from dagster_srp.duck import open_file
from dagster_srp.errors import GateRefused
from dagster_srp.gates import Answer, Gate, Verdict, ask, begin, judge_texts, refused
from dagster_srp.gates.definitions import feeds_of_indicators
from dagster_srp.gates.doubt import doubt_new
from dagster_srp.gates.vanished import (
    Loss,
    Withdrawn,
    find_losses,
    key_of,
    places_verdict,
    told,
    unexplained,
    vanished_verdict,
)
from dagster_srp.home import Home, Workplace
from dagster_srp.landing import Landed, land
from dagster_srp.landing.decisions import DecisionLog, as_decided
from dagster_srp.landing.land import LandingSettings
from dagster_srp.landing.ledger import Delivery
from dagster_srp.landing.packed import Limits
from dagster_srp.moments import as_utc
from dagster_srp.release import (
    Manifest,
    current_release_id,
    last_release,
    next_release_id,
    prune,
    publish,
    read_manifest,
)
from dagster_srp.release.counting import counting_models
from dagster_srp.release.manifest import ManifestDecision, ManifestDelivery
from dagster_srp.release.revisions import Revision, write_revisions
from dagster_srp.release.vintages import RELEASED_FILE, REVISIONS_FILE
from dagster_srp.settings import Settings

SUITES = Path(__file__).parents[1] / "expectations"
VERSIONED = ("duckdb", "dbt-core", "dbt-duckdb", "great-expectations", "dagster")


@dataclass
class Refreshed:
    """What a refresh came to: `release` is None where nothing was new, and the current release stands."""

    landed: Landed
    release: Manifest | None
    current: str | None
    pruned: list[str] = field(default_factory=list)


@dataclass
class Watcher:
    """Who is told how it goes; every callback may be left out. Nothing told holds a row's content."""

    on_step: Callable[[str], None] = lambda step: None
    on_delivery: Callable[[Delivery], None] = lambda delivery: None
    on_landed: Callable[[Landed], None] = lambda landed: None
    on_node: Callable[[DbtOutcome], None] = lambda outcome: None


class Refresh:
    """The steps of one refresh of one home, in order; each leaves what the next needs on disk."""

    def __init__(
        self, settings: Settings, as_at: dt.datetime | None = None, watcher: Watcher | None = None
    ) -> None:
        self.settings = settings
        self.engine = settings.engine
        self.as_at = as_utc(as_at) if as_at else None
        self.watcher = self._recording(watcher or Watcher())
        self.home = Home(settings.home_dir)
        self.contracts: dict[str, Contract] = load_contracts()
        self.release_id = next_release_id(self.home)
        self.workplace = (
            self.home.workplace if self.as_at is None else self.home.workplace_as_at(self.release_id)
        )
        self.verdicts: list[Verdict] = []
        self.outcomes: list[DbtOutcome] = []
        self.plan: BuildPlan | None = None
        self._revisions_file: Path | None = None
        self._counting: dict[str, str] = {}
        self._recorder: Recorder | None = None
        self._held_count = 0
        self._losses_key: str | None = None
        self._dbt = Dbt(
            dbt_environment(self.workplace, self.engine),
            on_node=self.watcher.on_node,
        )

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Holds the home for the whole refresh, and records how it ended; raises AnotherRefresh."""
        with self.home.lock(), recorded(self.home.root, self.as_at) as self._recorder:
            yield
            self._recorder.end(**self._outcome())

    def run(self) -> Refreshed:
        """Every step, under the home's lock; raises GateRefused, DbtFailed or AnotherRefresh."""
        os.umask(0o077)
        with self.lock():
            landed = self.land()
            self.watcher.on_landed(landed)
            self._held_count = sum(delivery.state == "held" for delivery in landed.deliveries)
            plan = self.prepare()
            if self.is_current(plan):
                return Refreshed(landed, None, current_release_id(self.home))
            self.gate_landing()
            self.build_staging()
            self.gate_staging()
            self.build_marts()
            self.gate_candidate()
            manifest = self.release()
            return Refreshed(landed, manifest, current_release_id(self.home), self.prune())

    def _recording(self, watcher: Watcher) -> Watcher:
        """The watcher, with each step recorded too."""

        def on_step(step: str) -> None:
            if self._recorder is not None:
                self._recorder.step(step)
            watcher.on_step(step)

        return replace(watcher, on_step=on_step)

    def _outcome(self) -> dict[str, str]:
        """How an attempt ended that raised nothing here; Dagster keeps a step's error to itself."""
        if (self.home.releases / self.release_id / RELEASED_FILE).exists():
            return {"outcome": "released", "release_id": self.release_id}
        if self.plan is None or not self.is_current(self.plan):
            return {"outcome": "stopped", "reason": "A step failed or was skipped: Dagster's run says why."}
        if self._held_count:
            reason = f"All that came was held: {self._held_count:,} deliveries."
            return {"outcome": "nothing new", "reason": reason, "next_step": "`srp deliveries --held`"}
        return {"outcome": "nothing new"}

    def land(self, feeds: Iterable[str] | None = None) -> Landed:
        """Inbox to archive to raw."""
        self.watcher.on_step("land")
        self.home.make(demo=False)
        if feeds is None and any(path.is_file() for path in self.settings.inbox_dir.rglob("*")):
            # Something came to a whole refresh, so that there will be something to judge.
            begin()
        settings = LandingSettings(
            inbox=self.settings.inbox_dir,
            archive=self.home.archive,
            settle_seconds=self.settings.settle_seconds,
            limits=Limits(self.settings.max_unpacked_bytes, self.settings.max_unpack_ratio),
            takes_demo=self.home.is_demo,
        )
        with open_file(self.home.workplace.landing, self.engine, read_only=False) as connection:
            landed = land(
                connection, self.contracts, settings, feeds=feeds, on_delivery=self.watcher.on_delivery
            )
            doubt_new(connection, self.contracts, self.home.archive)
            landed.deliveries = as_decided(connection, landed.deliveries)
            return landed

    def prepare(self) -> BuildPlan:
        """Says which deliveries the build sees, and which of them are new to it."""
        self.plan = prepare_build(
            self.workplace,
            release_id=self.release_id,
            as_at=self.as_at,
            is_demo=self.home.is_demo,
            pseudonym_key=self.home.pseudonym_key,
            code_fingerprint=code_version().fingerprint,
            reference_feeds=self._reference_feeds,
            engine=self.engine,
        )
        return self.plan

    def is_current(self, plan: BuildPlan) -> bool:
        """Whether the current release was built from the same deliveries by the same code: there is nothing to do."""
        current = current_release_id(self.home)
        if current is None or plan.as_at is not None:
            return False
        manifest = read_manifest(self.home.releases / current / "manifest.json")
        return manifest.build_fingerprint == plan.fingerprint

    def gate_landing(self) -> list[Verdict]:
        """Judges the deliveries that no whole build has seen; dbt reads its project meanwhile."""
        answer = self._ask("landing", self.workplace.landing, {}, self._deliveries_to_judge())
        self._dbt.read_project()
        return self._judged("landing", answer)

    def build_staging(self) -> list[DbtOutcome]:
        """The visible, latest version of each record; and the seeds, where the code has changed."""
        return self._build("build staging", staging_selection(self._planned), "cautious")

    def gate_staging(self) -> list[Verdict]:
        """Judges the staging of the feeds that have new deliveries, by what those brought."""
        beside = {"landing": self.workplace.landing}
        answer = self._ask("staging", self.workplace.build, beside, self._deliveries_to_judge())
        return self._judged("staging", answer)

    def build_marts(self) -> list[DbtOutcome]:
        """Everything after staging, and the tests that span both."""
        return self._build("build marts", marts_selection(self._planned), "eager")

    def gate_candidate(self) -> list[Verdict]:
        """Judges what would be released; meanwhile finds out why figures moved since the current release."""
        beside = {"build": self.workplace.build, "landing": self.workplace.landing}
        answer = self._ask("candidate", self.workplace.candidate, beside)
        texts = judge_texts(
            self.workplace.candidate, beside, suites=SUITES, contracts=self.contracts, engine=self.engine
        )
        texts += [places_verdict(self.workplace.candidate, self.engine), *self._vanished()]
        try:
            self._counting = self._dbt.queries(*counting_models(self._dbt.models("theme_")))
            self._revisions_file = self._explain() if self.as_at is None else None
        finally:
            # What the gate has against the candidate comes before what an explanation stumbles over.
            verdicts = self._judged("candidate", lambda: answer() + texts)
        return verdicts

    def release(self) -> Manifest:
        """Releases the candidate; an as-at release stands beside the current one and never becomes it."""
        if not any(verdict.gate == "candidate" for verdict in self.verdicts):
            raise RuntimeError("gate_candidate() comes before this step: nothing un-gated is released")
        self.watcher.on_step("release")
        with open_file(self.workplace.candidate, self.engine, read_only=False) as connection:
            connection.execute("checkpoint")
        manifest = publish(
            self.home,
            self.workplace.candidate,
            self._manifest(),
            engine=self.engine,
            switch=self.as_at is None,
            documentation=self._dbt.documentation("marts"),
            revisions=self._revisions_file,
            counting=self._counting,
        )
        if self.as_at is None:
            complete_build(self.workplace, self._planned, self.home.pseudonym_key, self.engine)
            Refusal.forget(self.home)
            Vanished.forget(self.home)
        else:
            shutil.rmtree(self.workplace.folder)
        return manifest

    def prune(self) -> list[str]:
        """Frees the data of releases beyond the number that is kept."""
        return prune(self.home, self.settings.keep_releases)

    def _deliveries_to_judge(self) -> list[int]:
        """The deliveries that no whole build has seen; all where there are none such: no gate looks at nothing."""
        with open_file(self.workplace.build, self.engine) as connection:
            numbers = connection.execute(
                "select delivery_no from control.visible_delivery where is_new"
                " or not exists (select 1 from control.visible_delivery where is_new)"
            ).fetchall()
        return [int(number) for (number,) in numbers]

    def _vanished(self) -> list[Verdict]:
        """What the current release has and the candidate lost; no verdict for a first release, or a past moment's."""
        since = current_release_id(self.home)
        if self.as_at is not None or since is None:
            return []
        current = self.home.releases / since / RELEASED_FILE
        losses = find_losses(self.workplace.candidate, current, self.engine)
        losses = unexplained(losses, self._withdrawn(since), self._feeds_behind)
        Vanished.forget(self.home)
        accepted = None
        if losses:
            key = key_of(losses, since)
            accepted = accepted_losses(self.home, key)
            self._losses_key = key if accepted else None
            if accepted is None:
                Vanished(key, told(losses, since)).keep(self.home)
        return [vanished_verdict(losses, since, accepted)]

    def _withdrawn(self, since: str) -> list[Withdrawn]:
        """The deliveries that a release was made from and that a person has refused since."""
        released = read_manifest(self.home.releases / since / "manifest.json").deliveries
        with open_file(self.workplace.landing, self.engine) as connection:
            rows = connection.execute(
                "select feed, sha256, strftime(period_start_date, '%Y-%m'), strftime(period_end_date, '%Y-%m')"
                " from ledger.deliveries where state = 'refused'"
            ).fetchall()
        counted = {(d.feed, d.sha256) for d in released if d.state == "accepted"}
        return [
            Withdrawn(feed, first, last) for feed, sha256, first, last in rows if (feed, sha256) in counted
        ]

    def _feeds_behind(self, loss: Loss) -> set[str]:
        if loss.kind == "feed":
            return {loss.name}
        if loss.kind == "indicator":
            return set(feeds_of_indicators().get(loss.name, ())) | set(self._reference_feeds)
        return self._feeds_of(loss.table)

    def _explain(self) -> Path | None:
        """Why figures moved since the last release made, which the build grew from; None where there is none yet.

        That is the current one, unless someone has turned the link back.
        """
        before = last_release(self.home.releases)
        if before is None:
            return None
        old = self.home.releases / before.release_id / RELEASED_FILE
        if not old.exists():
            return None
        self.watcher.on_step("explain revisions")
        rebuilt = None
        if before.code_fingerprint != self._planned.code_fingerprint:
            rebuilt = self._built_by_present_code(before)
        definitions = before.definitions_fingerprint != code_version().definitions
        revision = Revision(
            old=old,
            new=self.workplace.candidate,
            rebuilt=rebuilt,
            code_part="definition_changed" if definitions else "code_changed",
            new_feeds=None if self._planned.is_full else self._planned.new_feeds,
        )
        target = self.workplace.folder / REVISIONS_FILE
        write_revisions(revision, self.workplace, self._dbt, target, engine=self.engine)
        return target

    def _built_by_present_code(self, before: Manifest) -> Path:
        """The deliveries of an old release, built by today's code: what a change of code or definitions did alone."""
        workplace = Workplace(self.workplace.landing, self.workplace.folder / "before")
        prepare_build(
            workplace,
            release_id=before.release_id,
            as_at=None,
            is_demo=before.is_demo,
            pseudonym_key=self.home.pseudonym_key,
            code_fingerprint=self._planned.code_fingerprint,
            reference_feeds=self._reference_feeds,
            engine=self.engine,
            only={(d.feed, d.sha256) for d in before.deliveries},
            full=True,
        )
        dbt = self._dbt.elsewhere(dbt_environment(workplace, self.engine))
        dbt("build", "--exclude-resource-type", "unit_test", "test")
        return workplace.candidate

    @property
    def _reference_feeds(self) -> list[str]:
        return [feed for feed, contract in self.contracts.items() if contract.restates_by == "snapshot"]

    @property
    def _planned(self) -> BuildPlan:
        if self.plan is None:
            raise RuntimeError("prepare() comes before this step")
        return self.plan

    def _build(self, step: str, select: tuple[str, ...], indirect: str) -> list[DbtOutcome]:
        self.watcher.on_step(step)
        words = ["build", "--select", *select, "--indirect-selection", indirect]
        try:
            outcomes = self._dbt(*words, "--exclude-resource-type", "unit_test", "exposure")
        except DbtFailed as failed:
            if behind := [self._dbt.feeds_behind(o.unique_id) for o in failed.outcomes if o.has_failed]:
                failed.add(self._refusal(str(failed), behind))
            raise
        self.outcomes += outcomes
        return outcomes

    def _ask(self, gate: Gate, file: Path, attached: dict[str, Path], new: Sequence[int] = ()) -> Answer:
        self.watcher.on_step(f"gate {gate}")
        return ask(
            file,
            gate,
            suites=SUITES,
            attached=attached,
            new_deliveries=new,
            engine=self.engine,
        )

    def _judged(self, gate: Gate, answer: Answer) -> list[Verdict]:
        verdicts = answer()
        self.verdicts += verdicts
        if broken := refused(verdicts):
            error = GateRefused(gate, broken)
            error.add(self._refusal(str(error), [self._feeds_of(verdict.table) for verdict in broken]))
            raise error
        return verdicts

    def _feeds_of(self, table: str) -> set[str]:
        """The feeds that a judged table is made from; all of them where it is the ledger or all tables together."""
        schema, _, name = table.partition(".")
        if schema in ("raw", "staging"):
            return {name.removeprefix("stg_")} & self.contracts.keys()
        return self._dbt.feeds_behind(f"model.srp.{name}") if schema == "marts" else set()

    def _refusal(self, message: str, behind: Sequence[set[str]]) -> str:
        """Names the deliveries that may be the cause, and keeps the refusal for `srp decide`; `behind` is by what failed."""
        told = Refusal.of(self.home, self.workplace, message, behind, self.engine)
        if self.as_at is None:
            told.keep(self.home)
        return told.advice

    def _manifest(self) -> Manifest:
        plan, code = self._planned, code_version()
        failed = [v for v in self.verdicts if not v.success]
        warned = [o for o in self.outcomes if o.status == "warn"]
        statuses = [f"{o.kind} {o.status}" for o in self.outcomes]
        return Manifest(
            release_id=plan.release_id,
            made_at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            as_at=plan.as_at.isoformat() if plan.as_at else None,
            known_at=plan.known_at.isoformat() if plan.known_at else None,
            is_demo=self.home.is_demo,
            build_fingerprint=plan.fingerprint,
            code_fingerprint=code.fingerprint,
            definitions_fingerprint=code.definitions,
            code_commit=code.commit,
            code_is_modified=code.is_modified,
            versions={name: version(name) for name in VERSIONED},
            dbt={status: statuses.count(status) for status in sorted(set(statuses))},
            gates={"passed": len(self.verdicts) - len(failed), "warned": len(failed)},
            warnings=[v.message for v in failed] + [f"{o.unique_id}: {o.message}" for o in warned],
            deliveries=self._deliveries(),
            decisions=self._decisions(),
        )

    def _decisions(self) -> list[ManifestDecision]:
        with open_file(self.home.workplace.landing, self.engine) as connection:
            rows = connection.execute(
                "select c.feed, c.sha256, d.file_name, c.state, c.decided_by, c.decided_at, c.because"
                " from ledger.decisions as c join ledger.deliveries as d using (delivery_no)"
                " where $1::timestamp is null or d.extracted_at <= $1 order by c.feed, d.extracted_at, c.sha256",
                [self.as_at],
            ).fetchall()
        return [
            ManifestDecision(feed, sha256, name, state, by, f"{at.isoformat()}+00:00", because)
            for feed, sha256, name, state, by, at, because in rows
        ] + self._accepted_release()

    def _accepted_release(self) -> list[ManifestDecision]:
        """The decision that lets this release lose what the current one has; none where it loses nothing."""
        since = current_release_id(self.home)
        if self._losses_key is None or since is None:
            return []
        one = DecisionLog(self.home.archive).standing()[RELEASE, self._losses_key]
        return [
            ManifestDecision(
                RELEASE, one.sha256, f"since {since}", one.state, one.by, one.at, list(one.because)
            )
        ]

    def _deliveries(self) -> list[ManifestDelivery]:
        with open_file(self.home.workplace.landing, self.engine) as connection:
            rows = connection.execute(
                "select feed, sha256, file_name, extracted_at, state, rows_read_count, accepted_count,"
                " quarantined_count from ledger.deliveries where $1::timestamp is null or extracted_at <= $1"
                " order by feed, extracted_at, sha256",
                [self.as_at],
            ).fetchall()
        return [
            ManifestDelivery(feed, sha256, file_name, moment.isoformat(), state, read, accepted, quarantined)
            for feed, sha256, file_name, moment, state, read, accepted, quarantined in rows
        ]
