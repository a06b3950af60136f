"""History: what a refresh of the terminal made, told to the Dagster instance of the home.

What belongs here: the current release as the events that a run of the job would have left. What does not: the facts
(metadata), or making anything. `python -m dagster_srp.defs.history` tells the instance of DAGSTER_HOME; `make ui` calls
it before the page opens, and `srp refresh` where the home has an instance.
Dagster's documentation calls these "runless events", under "External assets".
"""

from collections.abc import Iterator

import dagster as dg

from dagster_srp.contracts import load_contracts
from dagster_srp.defs.assets import CANDIDATE, CONTROL, LEDGER, RELEASE, raw_key
from dagster_srp.defs.checks import judged_key
from dagster_srp.defs.dbt import DbtProject, Part, prepared_manifest, read_project
from dagster_srp.defs.metadata import landing_metadata, model_metadata, release_metadata
from dagster_srp.gates import GATES, load_suites
from dagster_srp.home import Home
from dagster_srp.refresh import SUITES
from dagster_srp.release import Manifest, current_release_id, read_manifest
from dagster_srp.settings import Settings, read_settings

Event = dg.AssetMaterialization | dg.AssetCheckEvaluation


def tell_current_release(instance: dg.DagsterInstance, settings: Settings) -> str | None:
    """Reports the current release where the instance does not know it; its id, or None where there was nothing to say."""
    home = Home(settings.home_dir)
    current = current_release_id(home)
    if current is None or current == _known(instance):
        return None
    manifest = read_manifest(home.releases / current / "manifest.json")
    for event in _events(home, settings, manifest):
        instance.report_runless_asset_event(event)
    return current


def _known(instance: dg.DagsterInstance) -> str | None:
    event = instance.get_latest_materialization_event(RELEASE)
    if event is None or event.asset_materialization is None:
        return None
    return str(event.asset_materialization.metadata["release"].value)


def _events(home: Home, settings: Settings, manifest: Manifest) -> Iterator[Event]:
    contracts = load_contracts()
    project = read_project(prepared_manifest())
    facts, versions = landing_metadata(home, contracts, settings.engine)
    for feed in contracts:
        tags = {"dagster/data_version": versions.get(feed, "none")}
        yield dg.AssetMaterialization(raw_key(feed), metadata=facts.get(feed, {"deliveries": 0}), tags=tags)
    for schema, names in (("ledger", LEDGER), ("control", CONTROL)):
        yield from (dg.AssetMaterialization(dg.AssetKey([schema, name])) for name in names)
    yield from _tables(home, project)
    yield dg.AssetMaterialization(CANDIDATE)
    yield dg.AssetMaterialization(RELEASE, metadata=release_metadata(home, manifest, []))
    yield from _gates(manifest)


def _tables(home: Home, project: DbtProject) -> Iterator[Event]:
    for part in (project.staging, project.marts):
        yield from _part(home, part)


def _part(home: Home, part: Part) -> Iterator[Event]:
    facts = model_metadata((home.workplace.build, home.workplace.candidate), part.descriptions)
    yield from (dg.AssetMaterialization(key, metadata=facts.get(key, {})) for key in part.keys)
    for check in part.checks:
        yield dg.AssetCheckEvaluation(
            asset_key=check.asset_key,
            check_name=check.name,
            passed=True,
            description="Every test passed, or none was of severity error: the release was made.",
            blocking=check.blocking,
        )


def _gates(manifest: Manifest) -> Iterator[Event]:
    """What a released manifest still tells of each gate: its warnings; a critical expectation that broke had no release."""
    for gate in GATES:
        for key in sorted({judged_key(suite.table) for suite in load_suites(SUITES, gate)}):
            table = ".".join(key.path)
            warnings = [one for one in manifest.warnings if one.startswith(f"{table}:")]
            yield dg.AssetCheckEvaluation(
                asset_key=key,
                check_name=f"{gate}_gate",
                passed=not warnings,
                severity=dg.AssetCheckSeverity.WARN if warnings else dg.AssetCheckSeverity.ERROR,
                description="\n".join(warnings) or "Every critical expectation held.",
                blocking=True,
            )


def main() -> None:
    """Tells the instance of DAGSTER_HOME of the home of SRP_HOME."""
    with dg.DagsterInstance.get() as instance:
        told = tell_current_release(instance, read_settings())
    if told:
        print(f"Release {told} is shown in Dagster.")


if __name__ == "__main__":
    main()
