"""The home: one folder that holds a warehouse, its marks and its one lock. Layout only; no data is read here."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

DEMO_KEY = "demo home: this key is public, and so are its people"


class WrongHome(Exception):
    """The home is not of the kind that was asked for, or there is none."""


class AnotherRefresh(Exception):
    """Another refresh holds the home's lock."""


@dataclass(frozen=True)
class Workplace:
    """The three DuckDB files of one build, and where dbt writes; a plain refresh has one, each as-at its own."""

    landing: Path
    folder: Path

    @property
    def build(self) -> Path:
        """Staging and intermediate models: restricted."""
        return self.folder / "build.duckdb"

    @property
    def candidate(self) -> Path:
        """The marts before they are released; it has never held a name."""
        return self.folder / "srp.duckdb"

    @property
    def dbt_target(self) -> Path:
        """dbt's artefacts."""
        return self.folder / "dbt"


@dataclass(frozen=True)
class Home:
    """The folder's rooms, by name."""

    root: Path

    @property
    def archive(self) -> Path:
        """The bytes of every delivery."""
        return self.root / "archive"

    @property
    def inbox(self) -> Path:
        """Where partners' files arrive unless SRP_INBOX says otherwise."""
        return self.root / "inbox"

    @property
    def warehouse(self) -> Path:
        """The restricted warehouse."""
        return self.root / "warehouse"

    @property
    def releases(self) -> Path:
        """Every release, by its id."""
        return self.root / "releases"

    @property
    def released(self) -> Path:
        """The current release: a link that is swapped in one step."""
        return self.root / "released"

    @property
    def workplace(self) -> Workplace:
        """Where the present is built."""
        return Workplace(self.warehouse / "landing.duckdb", self.warehouse)

    def workplace_as_at(self, release_id: str) -> Workplace:
        """Where a past moment is built, apart from the present."""
        return Workplace(self.warehouse / "landing.duckdb", self.warehouse / "as_at" / release_id)

    @property
    def exists(self) -> bool:
        """Whether a home was made here."""
        return (self.root / "home.json").exists()

    @property
    def is_demo(self) -> bool:
        """Whether it was marked demo when it was made."""
        return bool(json.loads((self.root / "home.json").read_text(encoding="utf-8"))["demo"])

    def make(self, *, demo: bool) -> None:
        """Makes the home, or checks that the one that stands is of the kind asked for; raises WrongHome."""
        if self.exists:
            if demo and not self.is_demo:
                raise WrongHome(
                    f"{self.root} is a home of real extracts. Demo extracts never enter it: set SRP_HOME to another."
                )
            return
        for folder in (self.root, self.releases):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o755)
        for folder in (self.warehouse, self.archive, self.inbox):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o700)
        _write_private(self.root / "secret" / "pseudonym.key", _new_key(demo))
        mark = self.root / "home.json.tmp"
        mark.write_text(json.dumps({"demo": demo}), encoding="utf-8")
        mark.replace(self.root / "home.json")

    @property
    def pseudonym_key(self) -> str:
        """The secret that turns a person into a key; with the archive it is all that a rebuild needs."""
        return (self.root / "secret" / "pseudonym.key").read_text(encoding="utf-8").strip()

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Holds the home for one refresh; raises AnotherRefresh at once where another has it.

        The lock is the process's: a kill frees it.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "refresh.lock").open("a") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise AnotherRefresh(
                    f"Another refresh of {self.root} is running. Wait for it to end."
                ) from error
            yield


def _new_key(demo: bool) -> str:
    return hashlib.sha256(DEMO_KEY.encode()).hexdigest() if demo else secrets.token_hex(32)


def _write_private(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
