"""Assets: every feed, the ledger and the build's plan, every seed and model, the candidate and the release.

What belongs here: which step of the refresh makes which asset, and on what it stands. What does not: the steps
(dagster_srp.refresh), the expectations (checks), or the facts shown beside an asset (metadata).
Dagster's documentation calls this concept "Assets"; a step that makes several is a "multi-asset".

Where nothing is new the plan is not made anew, so everything after it is skipped, and the release asset bears an
observation that the current release stands.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import dagster as dg

from dagster_srp.building import DbtFailed, DbtOutcome
from dagster_srp.building.code import PROJECT_ROOT
from dagster_srp.contracts import Contract
from dagster_srp.contracts.generate import partner_of
from dagster_srp.contracts.load import CONTRACTS_DIR
from dagster_srp.defs.dbt import DbtProject, Part, said_of_failure
from dagster_srp.defs.metadata import (
    candidate_metadata,
    contract_schema,
    landing_metadata,
    plan_metadata,
    release_metadata,
)
from dagster_srp.defs.resources import RefreshRun
from dagster_srp.landing import Landed
from dagster_srp.landing.ledger import Delivery
from dagster_srp.landing.messages import grouped, messages
from dagster_srp.refresh import Refresh
from dagster_srp.release import current_release_id

POOL = "warehouse"
LEDGER = {
    "deliveries": "Every delivery ever received, and what became of its rows.",
    "delivery_periods": "Which months each delivery of a feed that restates by period covers.",
}
CONTROL = {
    "visible_delivery": "The deliveries that this build may see.",
    "decision": "What people and gates decided about deliveries.",
    "refresh": "The build's release, moment and demo mark: its only now.",
    "pseudonym_key": "The secret that turns a person into a key.",
}
CANDIDATE = dg.AssetKey("candidate")
RELEASE = dg.AssetKey("release")
HELD_CHECK = "no_delivery_held"

Results = Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult | dg.AssetObservation]


def raw_key(feed: str) -> dg.AssetKey:
    """The asset of a feed's accepted rows."""
    return dg.AssetKey(["raw", feed])


def landing(contracts: Mapping[str, Contract]) -> dg.AssetsDefinition:
    """Raw tables, one by feed, with the ledger; then the plan of the build. Feeds may be landed by themselves."""
    raw = [_raw_spec(contract) for contract in contracts.values()]
    ledger = [_plain_spec("ledger", name, text, [spec.key for spec in raw]) for name, text in LEDGER.items()]
    control = [
        _plain_spec("control", name, text, [spec.key for spec in ledger]) for name, text in CONTROL.items()
    ]
    held = [
        dg.AssetCheckSpec(
            HELD_CHECK,
            asset=spec.key,
            description="The newest deliveries were taken in, neither held nor doubted.",
        )
        for spec in raw
    ]

    @dg.multi_asset(
        name="land", specs=[*raw, *ledger, *control], check_specs=held, can_subset=True, pool=POOL
    )
    def land(context: dg.AssetExecutionContext, refresh: dg.ResourceParam[RefreshRun]) -> Results:
        wanted = context.selected_asset_keys
        steps = refresh.refresh
        feeds = [feed for feed in contracts if raw_key(feed) in wanted]
        landed = steps.land(feeds)
        _tell(context, landed)
        facts, versions = landing_metadata(steps.home, contracts, steps.engine)
        for feed in feeds:
            new = sum(delivery.feed == feed for delivery in landed.deliveries)
            yield dg.MaterializeResult(
                raw_key(feed),
                metadata={"new deliveries": new, **facts.get(feed, {"deliveries": 0})},
                data_version=dg.DataVersion(versions.get(feed, "none")),
            )
        yield from _held_results(landed)
        yield from (dg.MaterializeResult(spec.key) for spec in ledger if spec.key in wanted)
        asked = [spec.key for spec in control if spec.key in wanted]
        if asked:
            yield from _planned(context, steps, landed, asked)

    return land


def staging(project: DbtProject) -> dg.AssetsDefinition:
    """Seeds, and the visible, latest version of each record, with the dbt tests that look at nothing else."""
    part = project.staging

    @dg.multi_asset(
        name="build_staging",
        specs=list(part.specs.values()),
        check_specs=part.checks,
        pool=POOL,
    )
    def build_staging(refresh: dg.ResourceParam[RefreshRun]) -> Results:
        steps = refresh.after("gate landing")
        yield from _built(part, steps, steps.build_staging)

    return build_staging


def marts(project: DbtProject) -> dg.AssetsDefinition:
    """Everything beyond staging, with all other dbt tests; the marts together are the candidate."""
    part = project.marts
    released = [spec.key for spec in part.specs.values() if spec.key.path[0] == "marts"]
    candidate = dg.AssetSpec(
        CANDIDATE,
        deps=released,
        group_name="release",
        description="The marts in one file, before the last gate. No reader can open it.",
        kinds={"duckdb"},
        skippable=True,
    )

    @dg.multi_asset(
        name="build_marts",
        specs=[*part.specs.values(), candidate],
        check_specs=part.checks,
        pool=POOL,
    )
    def build_marts(refresh: dg.ResourceParam[RefreshRun]) -> Results:
        steps = refresh.after("gate staging")
        yield from _built(part, steps, steps.build_marts)
        yield dg.MaterializeResult(CANDIDATE, metadata=candidate_metadata(steps.workplace.candidate))

    return build_marts


def release() -> dg.AssetsDefinition:
    """The release: it waits for the candidate gate, whose one step judges every mart."""

    @dg.asset(
        key=RELEASE,
        deps=[CANDIDATE],
        group_name="release",
        description="An immutable, numbered set of marts with its manifest; the newest becomes current by one switch.",
        kinds={"duckdb"},
        pool=POOL,
    )
    def release_candidate(refresh: dg.ResourceParam[RefreshRun]) -> dg.MaterializeResult[Any]:
        steps = refresh.after("gate candidate")
        manifest = steps.release()
        return dg.MaterializeResult(metadata=release_metadata(steps.home, manifest, steps.prune()))

    return release_candidate


def _raw_spec(contract: Contract) -> dg.AssetSpec:
    return dg.AssetSpec(
        raw_key(contract.feed),
        group_name="raw",
        description=f"Every accepted row of every delivery. One row is {contract.row_meaning}."
        f" Restates by {contract.restates_by}; contract {contract.version}.",
        owners=[f"team:{partner_of(contract.feed)}"],
        tags={"partner": partner_of(contract.feed), "sensitivity": _sensitivity(contract)},
        kinds={"duckdb"},
        metadata={
            "dagster/column_schema": contract_schema(contract),
            "dagster/table_name": f"raw.{contract.feed}",
            "sent by": contract.partner,
            "contract": dg.MetadataValue.path(str(CONTRACTS_DIR / f"{contract.feed}.odcs.yaml")),
            "what the partner sends": dg.MetadataValue.path(
                str(PROJECT_ROOT / "docs" / "contracts" / f"{contract.feed}.md")
            ),
            "comes every": f"{contract.cadence_months} months" if contract.cadence_months > 1 else "month",
        },
        skippable=True,
    )


def _sensitivity(contract: Contract) -> str:
    """The highest of its columns': personal, sensitive or open."""
    found = {column.sensitivity for column in contract.columns}
    return next(one for one in ("personal", "sensitive", "open") if one in found)


def _plain_spec(schema: str, name: str, text: str, deps: list[dg.AssetKey]) -> dg.AssetSpec:
    key = dg.AssetKey([schema, name])
    return dg.AssetSpec(key, deps=deps, group_name=schema, description=text, kinds={"duckdb"}, skippable=True)


def _tell(context: dg.AssetExecutionContext, landed: Landed) -> None:
    for message in messages(landed):
        context.log.warning("\n".join(message.lines()))


def _held_results(landed: Landed) -> Iterator[dg.AssetCheckResult]:
    for feed in sorted({delivery.feed for delivery in landed.deliveries}):
        held = [d for d in landed.deliveries if d.feed == feed and d.state in ("held", "doubted")]
        yield dg.AssetCheckResult(
            asset_key=raw_key(feed),
            check_name=HELD_CHECK,
            passed=not held,
            severity=dg.AssetCheckSeverity.WARN,
            description="\n".join(
                line
                for message in grouped("Held", ((d.feed, d.file_name, d.reasons) for d in held))
                for line in message.lines()
            )
            or None,
        )


def _planned(
    context: dg.AssetExecutionContext, steps: Refresh, landed: Landed, keys: list[dg.AssetKey]
) -> Results:
    plan = steps.prepare()
    if steps.is_current(plan) and (held := [d for d in landed.deliveries if d.state == "held"]):
        raise dg.Failure(_nothing_taken_in(held), allow_retries=False)
    if steps.is_current(plan):
        current = current_release_id(steps.home)
        context.log.info(f"Nothing is new: release {current} stands, and nothing after this step is run.")
        yield dg.AssetObservation(
            RELEASE,
            description=f"Nothing was new: release {current} stands.",
            metadata={"release": str(current)},
        )
        return
    for key in keys:
        yield dg.MaterializeResult(key, metadata=plan_metadata(plan))


def _nothing_taken_in(held: list[Delivery]) -> str:
    """The same end as the terminal's: all that came was held, and a person has to ask for it again."""
    reasons = [f"{d.feed}, {d.file_name}: {' '.join(d.reasons)}" for d in held[:3]]
    more = [f"and {len(held) - 3} more"] if len(held) > 3 else []
    return "\n".join(
        [
            "All that came was held, and the current release stands. Send the reasons to the partner and ask for the"
            " file again; `srp deliveries --held` lists them all.",
            *reasons,
            *more,
        ]
    )


def _built(part: Part, steps: Refresh, build: Callable[[], list[DbtOutcome]]) -> Results:
    try:
        outcomes = build()
    except DbtFailed as failed:
        yield from part.results(failed.outcomes, steps.workplace, is_whole=False)
        raise dg.Failure(said_of_failure(failed), allow_retries=False) from None
    yield from part.results(outcomes, steps.workplace)
