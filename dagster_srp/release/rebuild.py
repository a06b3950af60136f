"""Makes an old release again: its deliveries from the archive, by the code version its manifest names, table by table.

Nothing of the standing warehouse is used but the archive and the pseudonym key: landing starts from the bytes.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from dagster_srp.building.code import PROJECT_ROOT, code_version
from dagster_srp.errors import CannotRebuild, NoSuchName
from dagster_srp.home import Home
from dagster_srp.landing.decisions import BY_GATE, Decision, DecisionLog
from dagster_srp.release.fingerprint import TableFingerprint
from dagster_srp.release.manifest import Manifest, read_manifest
from dagster_srp.settings import child_environment


@dataclass(frozen=True)
class TableComparison:
    """One table in the release and in its rebuild; None where it is in one of them only."""

    table: str
    released: TableFingerprint | None
    rebuilt: TableFingerprint | None

    @property
    def is_equal(self) -> bool:
        """Whether both hold the same rows."""
        return self.released == self.rebuilt


@dataclass(frozen=True)
class Rebuilt:
    """What a rebuild found: with which code, and every table compared."""

    release_id: str
    code_commit: str | None
    used_present_code: bool
    tables: list[TableComparison]

    @property
    def is_equal(self) -> bool:
        """Whether every table is equal."""
        return all(table.is_equal for table in self.tables)


def rebuild(home: Home, release_id: str, *, environment: dict[str, str] | None = None) -> Rebuilt:
    """Builds the release again in a temporary home and compares; raises CannotRebuild and NoSuchName.

    `environment` adds to the child's environment (SRP_THREADS, TZ), so that a test can show that neither matters.
    """
    path = home.releases / release_id / "manifest.json"
    if not path.exists():
        known = [p.parent.name for p in home.releases.glob("r*/manifest.json")]
        raise NoSuchName.among("release", release_id, known, "srp releases")
    manifest = read_manifest(path)
    with (
        tempfile.TemporaryDirectory(prefix="rebuild_", dir=home.warehouse) as folder,
        _code(manifest, folder) as code,
    ):
        again = _home_of(home, manifest, Path(folder) / "home")
        _refresh(again, code, manifest, environment or {})
        rebuilt = read_manifest(again.releases / "r0001" / "manifest.json")
    return Rebuilt(release_id, manifest.code_commit, code == PROJECT_ROOT, _compare(manifest, rebuilt))


def _compare(released: Manifest, rebuilt: Manifest) -> list[TableComparison]:
    ours = {t.table: t for t in released.tables}
    theirs = {t.table: t for t in rebuilt.tables}
    return [TableComparison(name, ours.get(name), theirs.get(name)) for name in sorted(ours | theirs)]


@contextmanager
def _code(manifest: Manifest, folder: str) -> Iterator[Path]:
    """The code that made the release: this, where the fingerprint is the same, else its commit taken out of git."""
    if code_version().fingerprint == manifest.code_fingerprint:
        yield PROJECT_ROOT
        return
    target = Path(folder) / "code"
    if manifest.code_commit is None:
        raise CannotRebuild(f"{manifest.release_id} names no commit: it was not made from a git checkout.")
    try:
        packed = subprocess.run(
            ["git", "-C", str(PROJECT_ROOT), "archive", manifest.code_commit], capture_output=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise CannotRebuild(
            f"Commit {manifest.code_commit} of {manifest.release_id} is not in this checkout."
        ) from error
    with tarfile.open(fileobj=BytesIO(packed)) as archive:
        archive.extractall(target, filter="data")
    if _own_fingerprint(target) != manifest.code_fingerprint:
        raise CannotRebuild(
            f"{manifest.release_id} was made by code that differs from its commit {manifest.code_commit}"
            f"{' (it was modified)' if manifest.code_is_modified else ''}, or by other versions of DuckDB or dbt:"
            f" {', '.join(f'{name} {version}' for name, version in manifest.versions.items())}."
        )
    yield target


def _own_fingerprint(code: Path) -> str:
    """The fingerprint of old code by its own reckoning, which may differ from today's."""
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "from dagster_srp.building.code import code_version; print(code_version().fingerprint)",
        ],
        cwd=code,
        env=child_environment({"PYTHONPATH": str(code)}),
        capture_output=True,
        text=True,
    ).stdout.strip()


def _home_of(home: Home, manifest: Manifest, root: Path) -> Home:
    """A home with the same key and mark, whose archive holds the release's deliveries and no others."""
    again = Home(root)
    again.make(demo=manifest.is_demo)
    key = root / "secret" / "pseudonym.key"
    key.write_text(home.pseudonym_key, encoding="utf-8")
    (again.archive / "objects").symlink_to(home.archive / "objects")
    for delivery in manifest.deliveries:
        receipt = Path("deliveries") / delivery.feed / f"{delivery.sha256}.json"
        (again.archive / receipt).parent.mkdir(parents=True, exist_ok=True)
        (again.archive / receipt).symlink_to(home.archive / receipt)
    DecisionLog(again.archive).record(_as_decided_then(manifest))
    return again


def _as_decided_then(manifest: Manifest) -> list[Decision]:
    """The decisions that the release obeyed; what it took in without one had passed its gate, and is not judged again."""
    told = [Decision(d.feed, d.sha256, d.state, d.by, d.at, tuple(d.because)) for d in manifest.decisions]
    decided = {(d.feed, d.sha256) for d in told}
    passed = [
        Decision(d.feed, d.sha256, "passed", BY_GATE, manifest.made_at, ())
        for d in manifest.deliveries
        if d.state == "accepted" and (d.feed, d.sha256) not in decided
    ]
    return told + passed


def _refresh(again: Home, code: Path, manifest: Manifest, environment: dict[str, str]) -> None:
    as_at = ["--as-at", manifest.as_at] if manifest.as_at else []
    done = subprocess.run(
        [sys.executable, "-m", "dagster_srp.cli", "refresh", *as_at],
        cwd=code,
        env=child_environment({**environment, "SRP_HOME": str(again.root), "PYTHONPATH": str(code)}),
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise CannotRebuild(f"{manifest.release_id} could not be built again:\n{done.stdout}{done.stderr}")
