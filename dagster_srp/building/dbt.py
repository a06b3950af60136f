"""Runs dbt inside this process, and says what became of each node without repeating what a row holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_srp.building.code import PROJECT_ROOT
from dagster_srp.building.documentation import TableDocumentation, keys_of, tables_of
from dagster_srp.duck import STORAGE_VERSION, Engine
from dagster_srp.errors import DbtFailed
from dagster_srp.home import Workplace
from dagster_srp.settings import NO_USER_FOLDER, lent_environment

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunner

PROJECT_DIR = PROJECT_ROOT / "dbt_project"
WRITTEN_FILES = ("SRP_BUILD_DB", "SRP_CANDIDATE_DB")
PLACES = ("--project-dir", str(PROJECT_DIR), "--profiles-dir", str(PROJECT_DIR))
QUIET = ("--log-level", "none", "--log-level-file", "none")
# Complaints about the wording of a query, or about a file, name columns, tables and paths; any other may quote a value.
NAMES_ONLY = re.compile(
    r"(?:Runtime|Database) Error[^\n]*\n\s*((?:Binder|Catalog|Parser|IO|Out of Memory) Error: .*)", re.DOTALL
)


@dataclass(frozen=True)
class DbtOutcome:
    """One node's end: its id, kind (model, seed, test, unit_test), status, seconds, and dbt's own short message."""

    unique_id: str
    kind: str
    status: str
    seconds: float
    message: str | None

    @property
    def has_failed(self) -> bool:
        """Whether the node itself failed; what was skipped because of it has not."""
        return self.status in ("error", "fail", "runtime error")


def dbt_environment(workplace: Workplace, engine: Engine) -> dict[str, str]:
    """The variables that profiles.yml reads, and the ones that keep dbt quiet and its files in the home."""
    return {
        "SRP_BUILD_DB": str(workplace.build),
        "SRP_LANDING_DB": str(workplace.landing),
        "SRP_CANDIDATE_DB": str(workplace.candidate),
        "SRP_THREADS": str(engine.threads),
        "SRP_MEMORY_LIMIT": engine.memory_limit,
        "SRP_STORAGE_VERSION": STORAGE_VERSION,
        "DBT_TARGET_PATH": str(workplace.dbt_target),
        "DBT_LOG_PATH": str(workplace.dbt_target / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "HOME": NO_USER_FOLDER,
    }


_parsed: dict[int, Any] = {}
"""The project as this process has parsed it, by its state: it is the same for every home."""


class Dbt:
    """One dbt session: a process parses the project once, however many homes and commands follow."""

    def __init__(
        self, environment: Mapping[str, str], on_node: Callable[[DbtOutcome], None] | None = None
    ) -> None:
        self.environment = environment
        self.on_node = on_node
        self._runner: dbtRunner | None = None
        self._manifest: Any = None

    def __call__(self, *words: str) -> list[DbtOutcome]:
        """Runs one command (`build`, `--select`, ...) and gives every node's end; raises DbtFailed.

        dbt's artefacts (manifest.json, run_results.json) cost a second for each command, and a refresh reads none.
        """
        return [_outcome(result) for result in self._invoke(*words)]

    def _invoke(self, *words: str) -> list[Any]:
        from dbt.cli.main import dbtRunner

        self.read_project()
        with lent_environment(self.environment):
            try:
                if self._runner is None:
                    self._runner = dbtRunner(manifest=self._manifest, callbacks=self._callbacks())
                result = self._runner.invoke([*words, "--no-write-json", *PLACES, *QUIET])
            finally:
                _close_connections()
        _raise_interrupt(result.exception)
        results = list(getattr(result.result, "results", []))
        if not result.success:
            outcomes = [_outcome(one) for one in results]
            failed = [o for o in outcomes if o.has_failed]
            names = "; ".join(f"{o.unique_id}: {o.message}" for o in failed) or str(result.exception)
            raise DbtFailed(outcomes, f"dbt refused: {names}", result.exception)
        return results

    def read_project(self, *, writes_manifest: bool = False) -> None:
        """Parses the project where this session has not yet; raises DbtFailed. It opens no database.

        The manifest is written as `manifest.json` under the target path where asked.
        """
        if self._manifest is not None:
            return
        state = project_state(PROJECT_DIR, PROJECT_DIR.parent / "seeds")
        if state in _parsed and not writes_manifest:
            self._manifest = _parsed[state]
            return
        from dbt.cli.main import dbtRunner

        _drop_parse_of_elsewhere(Path(self.environment["DBT_TARGET_PATH"]))
        write = "--write-json" if writes_manifest else "--no-write-json"
        with lent_environment(self.environment):
            parsed = dbtRunner().invoke(["parse", write, *PLACES, *QUIET])
        _raise_interrupt(parsed.exception)
        if not parsed.success:
            raise DbtFailed([], f"dbt cannot read the project: {parsed.exception}", parsed.exception)
        self._manifest = parsed.result
        self._manifest.build_parent_and_child_maps()
        _parsed.clear()
        _parsed[state] = self._manifest

    def elsewhere(self, environment: Mapping[str, str]) -> Dbt:
        """A session over other files with the project that this one has read; call after a command."""
        other = Dbt(environment)
        other._manifest = self._manifest
        return other

    def queries(self, *models: str) -> dict[str, str]:
        """The query of each of these models in a full build, in an order in which they can be run; call after a command.

        Nothing is written, and no file is opened that a build writes.
        """
        nowhere = self.elsewhere({**self.environment, **dict.fromkeys(WRITTEN_FILES, ":memory:")})
        compiled = nowhere._invoke("compile", "--full-refresh", "--select", *models)
        return {
            result.node.name: result.node.compiled_code for result in compiled if result.node.name in models
        }

    def models(self, prefix: str) -> tuple[str, ...]:
        """The names of the models that begin so; call after a command."""
        nodes = self._manifest.nodes.values()
        return tuple(
            sorted(n.name for n in nodes if n.resource_type == "model" and n.name.startswith(prefix))
        )

    def every_query(self) -> list[tuple[str, str, str]]:
        """Schema, name and query of every model in a full build, as `queries` gives them; call after a command."""
        nowhere = self.elsewhere({**self.environment, **dict.fromkeys(WRITTEN_FILES, ":memory:")})
        words = ("--full-refresh", "--select", "resource_type:model", "--indirect-selection", "empty")
        nodes = (result.node for result in nowhere._invoke("compile", *words))
        return [(node.schema, node.name, node.compiled_code) for node in nodes]

    def descendants(self, model: str) -> set[str]:
        """The names of the models that are made, directly or not, from a model; call after a command."""
        found = _reached(self._manifest.child_map, self._model(model).unique_id)
        return {name.split(".")[-1] for name in found if name.startswith("model.")}

    def sources(self, model: str) -> set[tuple[str, str]]:
        """The sources that a model is made from, directly or not, by schema and table; call after a command."""
        found = _reached(self._manifest.parent_map, self._model(model).unique_id)
        return {(name.split(".")[-2], name.split(".")[-1]) for name in found if name.startswith("source.")}

    def feeds_behind(self, node: str) -> set[str]:
        """The feeds that a node is made from, or that a test judges, by the node's unique id; call after a command."""
        found = _reached(self._manifest.parent_map, node)
        return {name.split(".")[-1] for name in found if name.startswith("source.srp.landing.")}

    def grows_by(self, model: str) -> tuple[str, ...]:
        """The key whose rows an incremental run of the model deletes and inserts; empty for any other model."""
        config = self._model(model).config
        key = config.unique_key if config.incremental_strategy == "delete+insert" else None
        return tuple(name.strip() for name in (key.split(",") if isinstance(key, str) else key or ()))

    def keys(self) -> dict[str, tuple[str, ...]]:
        """Each model's key, as its `unique_key` test states it; call after a command."""
        return dict(keys_of(self._manifest.nodes if self._manifest else {}))

    def documentation(self, schema: str) -> list[TableDocumentation]:
        """What the project says of every table that its models make in a schema; call after a command."""
        return list(tables_of(self._manifest.nodes if self._manifest else {}, schema))

    def _model(self, name: str) -> Any:
        return next(
            node
            for node in self._manifest.nodes.values()
            if node.name == name and node.resource_type == "model"
        )

    def _callbacks(self) -> list[Callable[[Any], None]]:
        if self.on_node is None:
            return []
        on_node = self.on_node

        def heard(event: Any) -> None:
            if event.info.name == "NodeFinished":
                info = event.data.node_info
                on_node(DbtOutcome(info.unique_id, info.resource_type, info.node_status, 0.0, None))

        return [heard]


def project_state(*folders: Path) -> int:
    """A number that changes with any file that dbt reads: its name, size or time of change."""
    stats = ((path, path.stat()) for folder in folders for path in sorted(folder.rglob("*.*")))
    return hash(tuple((str(path), stat.st_size, stat.st_mtime_ns) for path, stat in stats))


def _drop_parse_of_elsewhere(target: Path) -> None:
    """dbt's parse of an earlier session names files by their whole path: of a checkout that has moved it is of no use."""
    mark = target / "checkout"
    if not mark.exists() or mark.read_text(encoding="utf-8") != str(PROJECT_DIR):
        target.mkdir(parents=True, exist_ok=True)
        (target / "partial_parse.msgpack").unlink(missing_ok=True)
        mark.write_text(str(PROJECT_DIR), encoding="utf-8")


def _reached(edges: Mapping[str, Sequence[str]], start: str) -> set[str]:
    """Every node that the edges lead to from one."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        new = set(edges.get(waiting.pop(), ())) - found
        found |= new
        waiting += new
    return found


def _outcome(result: Any) -> DbtOutcome:
    node = result.node
    status = str(result.status)
    return DbtOutcome(
        node.unique_id,
        str(node.resource_type),
        status,
        result.execution_time,
        without_values(result.message),
    )


def without_values(message: str | None) -> str | None:
    """What may be said of a node: counts, and complaints that name no more than columns, tables and paths."""
    if message is None or not message.startswith(("Runtime Error", "Database Error")):
        return message and " ".join(message.split())[:500]
    if found := NAMES_ONLY.match(message):
        return " ".join(found.group(1).split())[:500]
    return "the database refused a value; look at the model's rows in the restricted warehouse"


def _raise_interrupt(error: BaseException | None) -> None:
    """dbt gives Ctrl-C back as a result like any other."""
    if isinstance(error, KeyboardInterrupt):
        raise error


def _close_connections() -> None:
    """dbt-duckdb keeps its file open after a run, and a file has one writer."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    close: Callable[[], None] = DuckDBConnectionManager.close_all_connections
    close()
