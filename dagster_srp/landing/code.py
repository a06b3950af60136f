"""The version of the code that lands deliveries: a delivery that other code has landed is landed again."""

from __future__ import annotations

import functools
import hashlib
from importlib.metadata import version
from pathlib import Path

from dagster_srp.contracts import Contract
from dagster_srp.meaning import fingerprint_of, imported_files

PACKAGE = Path(__file__).parents[1]
READERS = ("duckdb", "python-calamine", "pyarrow")
"""The libraries whose version may decide what a file says."""


LANDS = ("land.py", "profile.py")
"""What fills the ledger: all that these import belongs to the fingerprint."""


def landed_by(contract: Contract) -> str:
    """What makes a delivery's rows what they are, its bytes apart: the contract's meaning and the code of landing."""
    return hashlib.sha256(f"{contract.content_hash} {landing_fingerprint()}".encode()).hexdigest()


@functools.cache
def landing_fingerprint(package: Path = PACKAGE) -> str:
    """The code that landing and its profiles import, and the libraries that read files. The contracts are not in it."""
    files = {file for name in LANDS for file in imported_files(package / "landing" / name, package)}
    code = fingerprint_of(package, files)
    readers = " ".join(f"{name}=={version(name)}" for name in READERS)
    return hashlib.sha256(f"{readers} {code}".encode()).hexdigest()
