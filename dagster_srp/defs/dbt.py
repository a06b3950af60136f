"""The dbt project in Dagster's words: which assets and checks its manifest stands for, and what became of them.

What belongs here: the manifest that the definitions are drawn from, asset keys and groups, and turning dbt's outcomes
into Dagster's results. What does not: running dbt. dagster-dbt gives each node's specification, but not its command:
that starts dbt twice as a subprocess beside the run (4.4 s, and another parse for each), and would be a second way to
build. The steps of the refresh run dbt in this process, for Dagster as for `srp refresh`, so that what is shown is
what was built. Dagster's documentation has this under Integrations, "dbt"; dbt's tests are "Asset checks".
"""

import fcntl
import hashlib
import json
import os
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator

from dagster_srp.building import Dbt, DbtFailed, DbtOutcome, dbt_environment
from dagster_srp.building.code import PROJECT_ROOT
from dagster_srp.defs.metadata import model_metadata
from dagster_srp.duck import Engine
from dagster_srp.home import Workplace

DBT_TESTS = "dbt_tests"
DBT_READS = ("dbt_project", "seeds")


class ByRoom(DagsterDbtTranslator):
    """Keys as the tables are called (`raw/syp_crimes`, `marts/fct_crime`), and groups as the rooms of the project."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """The schema and name under which the table stands."""
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The room of the project: seeds, staging, intermediate, core, indicators_build or marts."""
        if dbt_resource_props["resource_type"] != "model":
            return str(dbt_resource_props["schema"])
        return str(dbt_resource_props["fqn"][1])


@dataclass(frozen=True)
class TableTests:
    """The dbt tests of one table, by unique id, as one check.

    Each of several hundred tests as a check of its own would be an event on disk before a run has begun, and make a run
    that finds nothing new take twice as long.
    """

    spec: dg.AssetCheckSpec
    names: dict[str, str]

    def result(self, outcomes: Mapping[str, DbtOutcome], *, is_whole: bool) -> dg.AssetCheckResult | None:
        """What the tests that were run said; None where what they test could not be made."""
        asked = [outcomes[u] for u in self.names if u in outcomes]
        ended = [outcome for outcome in asked if outcome.status != "skipped"]
        if not ended:
            return self._stands() if is_whole and not asked else None
        broken = [outcome for outcome in ended if outcome.status != "pass"]
        warned = all(outcome.status == "warn" for outcome in broken)
        return dg.AssetCheckResult(
            asset_key=self.spec.asset_key,
            check_name=self.spec.name,
            passed=not broken,
            severity=dg.AssetCheckSeverity.WARN if warned else dg.AssetCheckSeverity.ERROR,
            description="\n".join(
                f"{self.names[o.unique_id]}: {o.status}, {o.message or o.status}" for o in broken
            )
            or "Every test passes.",
            metadata={
                "tests": len(ended),
                "broken": len(broken),
                "seconds": round(sum(outcome.seconds for outcome in ended), 3),
            },
        )

    def _stands(self) -> dg.AssetCheckResult:
        """Of a table that no new delivery leads to: Dagster wants an answer from every check of a step."""
        return dg.AssetCheckResult(
            asset_key=self.spec.asset_key,
            check_name=self.spec.name,
            passed=True,
            description="Not run: the table stands as the last build made and tested it.",
            metadata={"tests": 0},
        )


@dataclass(frozen=True)
class Part:
    """The nodes that one step builds: their specifications by dbt's unique id, and the tests of each table."""

    specs: dict[str, dg.AssetSpec]
    tests: list[TableTests]
    descriptions: dict[dg.AssetKey, dict[str, str]]

    @property
    def keys(self) -> list[dg.AssetKey]:
        """The assets of the part."""
        return [spec.key for spec in self.specs.values()]

    @property
    def checks(self) -> list[dg.AssetCheckSpec]:
        """The checks of the part."""
        return [tests.spec for tests in self.tests]

    def results(
        self, outcomes: Iterable[DbtOutcome], workplace: Workplace, *, is_whole: bool = True
    ) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
        """What dbt made and what its tests said. A node that failed or was skipped was not made, and is left out.

        What nothing new leads to stands as the last build made it; where the build `is_whole` it is given all the same,
        because what is made from it would else be skipped.
        """
        ended = {outcome.unique_id: outcome for outcome in outcomes}
        files = (workplace.build, workplace.candidate)
        facts = model_metadata([file for file in files if file.exists()], self.descriptions)
        for unique_id, spec in self.specs.items():
            outcome = ended.get(unique_id)
            if outcome is None and is_whole:
                yield dg.MaterializeResult(
                    spec.key, metadata={**facts.get(spec.key, {}), "built": "stands as it was"}
                )
            elif outcome is not None and outcome.status == "success":
                metadata = {**facts.get(spec.key, {}), "seconds": round(outcome.seconds, 3)}
                yield dg.MaterializeResult(spec.key, metadata=metadata)
        for tests in self.tests:
            if (result := tests.result(ended, is_whole=is_whole)) is not None:
                yield result


@dataclass(frozen=True)
class DbtProject:
    """The project as its manifest tells it, in the two parts that the refresh builds."""

    staging: Part
    marts: Part


def said_of_failure(failed: DbtFailed) -> str:
    """Every node that stopped the build, each with its reason."""
    broken = [o for o in failed.outcomes if o.status in ("error", "fail", "runtime error")]
    return (
        "\n".join(["dbt refused:", *(f"- {o.unique_id}: {o.message or o.status}" for o in broken)])
        if broken
        else str(failed)
    )


def read_project(manifest: Mapping[str, Any]) -> DbtProject:
    """Seeds and staging with the tests that look at nothing else; then everything beyond, and all other tests."""
    nodes: Mapping[str, Any] = manifest["nodes"]
    built = [unique_id for unique_id, node in nodes.items() if node["resource_type"] in ("seed", "model")]
    first = {u for u in built if nodes[u]["resource_type"] == "seed" or nodes[u]["fqn"][1] == "staging"}
    tests = {u: node for u, node in nodes.items() if node["resource_type"] == "test"}
    early = {u for u, test in tests.items() if set(test["depends_on"]["nodes"]) <= first}
    return DbtProject(
        staging=_part(manifest, sorted(first), {u: tests[u] for u in sorted(early)}),
        marts=_part(manifest, sorted(set(built) - first), {u: tests[u] for u in sorted(set(tests) - early)}),
    )


def prepared_manifest() -> dict[str, Any]:
    """The manifest of the code as it stands.

    dbt needs seconds to write one, so each is kept in the user's temporary folder under the digest of the project's
    files, prose included: no home is needed to load the definitions, and all homes share it.
    """
    folder = Path(tempfile.gettempdir()) / f"srp_dbt_{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.lstat().st_uid != os.getuid():
        raise PermissionError(
            f"{folder} belongs to another user: the manifest in it cannot be trusted. Remove it."
        )
    path = folder / f"{_project_digest()}.json"
    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            _write_manifest(folder, path)
    manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return manifest


def _project_digest() -> str:
    """Where the project is and every byte of what dbt reads of it."""
    digest = hashlib.sha256(f"{PROJECT_ROOT} {version('dbt-core')}".encode())
    for path in sorted(path for folder in DBT_READS for path in (PROJECT_ROOT / folder).rglob("*.*")):
        if path.is_file():
            digest.update(str(path.relative_to(PROJECT_ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()


def _write_manifest(folder: Path, path: Path) -> None:
    workplace = Workplace(landing=folder / "landing.duckdb", folder=folder)
    Dbt(dbt_environment(workplace, Engine(2, "1GB"))).read_project(writes_manifest=True)
    for outdated in folder.glob("*.json"):
        outdated.unlink()
    (workplace.dbt_target / "manifest.json").replace(path)


def _part(manifest: Mapping[str, Any], unique_ids: list[str], tests: Mapping[str, Any]) -> Part:
    translator = ByRoom()
    specs = {u: translator.get_asset_spec(manifest, u, None) for u in _in_order(manifest, unique_ids)}
    descriptions = {
        spec.key: {name: column["description"] for name, column in manifest["nodes"][u]["columns"].items()}
        for u, spec in specs.items()
    }
    return Part(specs, _table_tests(tests, specs), descriptions)


def _in_order(manifest: Mapping[str, Any], unique_ids: list[str]) -> list[str]:
    """Each node after those it stands on: Dagster takes a step's results in no other order."""
    parents = {u: manifest["nodes"][u]["depends_on"].get("nodes", []) for u in unique_ids}
    return [u for u in TopologicalSorter(parents).static_order() if u in parents]


def _table_tests(tests: Mapping[str, Any], specs: Mapping[str, dg.AssetSpec]) -> list[TableTests]:
    """A test is its table's; one that spans steps is that of the first table that this step builds."""
    by_table: dict[str, dict[str, Any]] = defaultdict(dict)
    for unique_id, test in tests.items():
        parents = [test.get("attached_node"), *test["depends_on"]["nodes"]]
        own = [parent for parent in parents if parent in specs]
        if not own:
            raise dg.DagsterInvalidDefinitionError(
                f"{unique_id} tests no model or seed, so it is no asset's check."
            )
        by_table[own[0]][unique_id] = test
    return [TableTests(_check_spec(specs[table].key, mine), _names(mine)) for table, mine in by_table.items()]


def _check_spec(key: dg.AssetKey, tests: Mapping[str, Any]) -> dg.AssetCheckSpec:
    lines = [f"- {test['name']} ({_severity(test)})" for test in tests.values()]
    return dg.AssetCheckSpec(
        name=DBT_TESTS,
        asset=key,
        description="\n".join(["The table's dbt tests:", *lines]),
        blocking=any(_severity(test) == "error" for test in tests.values()),
    )


def _names(tests: Mapping[str, Any]) -> dict[str, str]:
    return {unique_id: test["name"] for unique_id, test in tests.items()}


def _severity(test: Mapping[str, Any]) -> str:
    return str(test["config"].get("severity") or "error").lower()
