"""The version of the code that builds the marts: a fingerprint of what could change a figure, and the git commit."""

from __future__ import annotations

import hashlib
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

PROJECT_ROOT = Path(__file__).parents[2]
BUILDERS = ("duckdb", "dbt-core", "dbt-duckdb")
DEFINITIONS = (("seeds", ("*.csv",)),)
CODE = (
    ("dbt_project", ("*.sql", "*.yml", "*.md")),
    ("seeds", ("*.yml",)),
    ("dagster_srp/contracts", ("*.yaml",)),
    ("dagster_srp/landing", ("*.py",)),
    ("dagster_srp/building", ("*.py",)),
)


@dataclass(frozen=True)
class CodeVersion:
    """What built: `fingerprint` changes with anything that could change a figure; `commit` is for finding it again.

    `definitions` changes with the seeds alone.
    """

    fingerprint: str
    definitions: str
    commit: str | None
    is_modified: bool


def code_version(root: Path = PROJECT_ROOT) -> CodeVersion:
    """The version of the code under `root`."""
    builders = " ".join(f"{name}=={version(name)}" for name in BUILDERS)
    definitions = _digest(root, DEFINITIONS)
    fingerprint = hashlib.sha256(f"{builders} {definitions} {_digest(root, CODE)}".encode()).hexdigest()
    is_modified = bool(_git(root, "status", "--porcelain"))
    return CodeVersion(fingerprint, definitions, _git(root, "rev-parse", "HEAD"), is_modified)


def _digest(root: Path, sources: tuple[tuple[str, tuple[str, ...]], ...]) -> str:
    digest = hashlib.sha256()
    for folder, patterns in sources:
        paths = {path for pattern in patterns for path in (root / folder).rglob(pattern)}
        for path in sorted(paths):
            digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _git(root: Path, *words: str) -> str | None:
    try:
        done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip() or None
