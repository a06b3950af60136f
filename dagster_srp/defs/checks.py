"""Asset checks: the three gates, one check for each table that a gate judges.

What belongs here: which suite is the check of which asset, and turning verdicts into results. What does not: the
expectations (expectations/), judging (dagster_srp.gates), or dbt's tests, which belong to the step that builds (dbt).
Dagster's documentation calls this concept "Asset checks"; these are blocking, so a critical expectation that does not
hold stops whatever stands on the table, and the current release stands.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby

import dagster as dg

from dagster_srp.defs.assets import CANDIDATE
from dagster_srp.defs.resources import RefreshRun
from dagster_srp.errors import GateRefused
from dagster_srp.gates import Gate, Suite, Verdict, load_suites, refused
from dagster_srp.refresh import SUITES, Refresh

BEFORE: dict[Gate, str] = {"staging": "build staging", "candidate": "build marts"}
CANNOT_BE_SKIPPED_WITH: dict[Gate, list[dg.AssetKey]] = {
    "landing": [dg.AssetKey(["control", "visible_delivery"])]
}
"""The landing gate judges what the plan calls new: where nothing is planned, there is nothing to judge."""


def gate_checks(gate: Gate) -> dg.AssetChecksDefinition:
    """A gate's checks, all judged in one step."""
    suites = sorted(load_suites(SUITES, gate), key=lambda suite: judged_key(suite.table))
    specs = [
        _spec(gate, key, list(judging))
        for key, judging in groupby(suites, key=lambda suite: judged_key(suite.table))
    ]

    @dg.multi_asset_check(name=f"gate_{gate}", specs=specs, can_subset=True)
    def judge_gate(refresh: dg.ResourceParam[RefreshRun]) -> Iterator[dg.AssetCheckResult]:
        steps = _ready(refresh, gate)
        refusal = None
        try:
            _judge(steps, gate)
        except GateRefused as error:
            refusal = str(error)
        yield from _results(gate, [verdict for verdict in steps.verdicts if verdict.gate == gate])
        if refusal is not None:
            raise dg.Failure(f"{refusal}\nThe current release stands.", allow_retries=False)

    return judge_gate


def _ready(refresh: RefreshRun, gate: Gate) -> Refresh:
    """The refresh, where what the gate judges has been made in this run.

    The landing gate judges whatever has landed, so that a raw asset may be materialised and checked by itself.
    """
    if gate != "landing":
        return refresh.after(BEFORE[gate])
    if refresh.refresh.plan is None:
        refresh.refresh.prepare()
    return refresh.refresh


def judged_key(table: str) -> dg.AssetKey:
    """The asset that a suite's table is; what is judged of all released tables together is the candidate's."""
    return dg.AssetKey(table.split(".")) if "." in table else CANDIDATE


def _judge(steps: Refresh, gate: Gate) -> list[Verdict]:
    judges = {"landing": steps.gate_landing, "staging": steps.gate_staging, "candidate": steps.gate_candidate}
    return judges[gate]()


def _spec(gate: Gate, asset: dg.AssetKey, suites: Iterable[Suite]) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        name=f"{gate}_gate",
        asset=asset,
        description="\n".join(
            f"expectations/{gate}/{suite.name}.json:\n"
            + "\n".join(f"- {e.statement} ({e.severity})" for e in suite.expectations)
            for suite in suites
        ),
        additional_deps=CANNOT_BE_SKIPPED_WITH.get(gate, []),
        blocking=True,
    )


def _results(gate: Gate, verdicts: Iterable[Verdict]) -> Iterator[dg.AssetCheckResult]:
    by_asset = sorted(verdicts, key=lambda verdict: judged_key(verdict.table))
    for asset, judged in groupby(by_asset, key=lambda verdict: judged_key(verdict.table)):
        yield _result(gate, asset, list(judged))


def _result(gate: Gate, asset: dg.AssetKey, verdicts: list[Verdict]) -> dg.AssetCheckResult:
    """An asset's verdicts as one result: their messages are made of names and counts."""
    broken = [verdict for verdict in verdicts if not verdict.success]
    return dg.AssetCheckResult(
        asset_key=asset,
        check_name=f"{gate}_gate",
        passed=not broken,
        severity=dg.AssetCheckSeverity.ERROR if refused(broken) else dg.AssetCheckSeverity.WARN,
        description="\n".join(f"{verdict.severity}: {verdict.message}" for verdict in broken)
        or "Every expectation holds.",
        metadata={
            "expectations": len(verdicts),
            "broken": len(broken),
            "rows judged": max((verdict.checked_count or 0 for verdict in verdicts), default=0),
        },
    )
