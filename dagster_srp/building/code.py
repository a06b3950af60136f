"""The version of the code that builds the marts: a fingerprint of what could change a figure, and the git commit."""

from __future__ import annotations

import hashlib
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from dagster_srp.landing.code import landing_fingerprint
from dagster_srp.meaning import fingerprint_of

PROJECT_ROOT = Path(__file__).parents[2]
BUILDERS = ("duckdb", "dbt-core", "dbt-duckdb")
DBT_READS = ("*.yml", "models/**/*.sql", "models/**/*.yml", "macros/**/*.sql", "tests/**/*.sql")
"""What dbt builds from; the descriptions of macros are prose."""
DBT_CHECKS = "dbt-bouncer.yml"


@dataclass(frozen=True)
class CodeVersion:
    """What built: `fingerprint` changes with anything that could change a figure; `commit` is for finding it again.

    `landing` changes with what judges and stores a partner's rows, contracts apart; `definitions` with the seeds alone.
    """

    fingerprint: str
    landing: str
    definitions: str
    commit: str | None
    is_modified: bool


def code_version(root: Path = PROJECT_ROOT) -> CodeVersion:
    """The version of the code under `root`."""
    landing = landing_fingerprint(root / "dagster_srp")
    definitions = fingerprint_of(root, (root / "seeds").glob("*.csv"))
    models = (
        path
        for pattern in DBT_READS
        for path in (root / "dbt_project").glob(pattern)
        if path.name != DBT_CHECKS
    )
    control = root / "dagster_srp" / "building" / "control.py"
    built = fingerprint_of(root, (*models, *(root / "seeds").glob("*.yml"), control))
    contracts = fingerprint_of(root, (root / "dagster_srp" / "contracts").glob("*.yaml"))
    said = " ".join(
        [*(f"{name}=={version(name)}" for name in BUILDERS), landing, definitions, built, contracts]
    )
    fingerprint = hashlib.sha256(said.encode()).hexdigest()
    is_modified = bool(_git(root, "status", "--porcelain"))
    return CodeVersion(fingerprint, landing, definitions, _git(root, "rev-parse", "HEAD"), is_modified)


def _git(root: Path, *words: str) -> str | None:
    try:
        done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip() or None
