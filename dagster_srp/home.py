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
from typing import Any

from dagster_srp.access import Access
from dagster_srp.errors import AnotherRefresh, WrongHome
from dagster_srp.processes import describe_process, is_running

DEMO_KEY = "demo home: this key is public, and so are its people"
DEMO_MARK = "_demo_"
"""In the name of every synthetic extract: such a file never enters a home of real ones."""
OPEN_DATA = ("ons_", "police_uk_")
"""How the feeds of published data begin: a demo brings those under their publishers' names."""

INSTEAD_OF_DEMO = (
    "For partners' files run `srp refresh`, which makes the home a real one and lands them. For a demo set SRP_HOME to"
    " an empty folder, and leave SRP_INBOX unset."
)


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
        return bool(self._marks["demo"])

    def make(self, *, demo: bool, inbox: Path | None = None) -> None:
        """Makes the home, or checks that the one that is there is of the kind asked for.

        A demo home is made of an empty folder only, and with an `inbox` (the home's own unless given) that holds no
        partner's file. Raises WrongHome, and then nothing was written.
        """
        if demo:
            self._refuse_demo(inbox or self.inbox)
        if self.exists:
            self.close()
            return
        self.root.mkdir(parents=True, exist_ok=True)
        for folder in (self.releases, self.warehouse, self.archive, self.inbox):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o700)
        key = self.root / "secret" / "pseudonym.key"
        if not key.exists():
            _write_private(key, _new_key(demo))
        self._mark({"demo": demo})

    @property
    def access(self) -> Access:
        """Who may read what is released."""
        return Access(self._marks.get("readers_group"))

    def share(self, group: str | None) -> None:
        """Lets one group read what is released, or with None nobody but the owner; raises NoSuchGroup."""
        Access(group).let_read(self.root)
        self._mark({**self._marks, "readers_group": group})

    def close(self) -> None:
        """Takes the home from everybody but its owner, and gives what is released to the home's readers."""
        for folder in (self.warehouse, self.archive, self.root / "secret", self.root / "dagster"):
            if folder.exists():
                folder.chmod(0o700)
        self.access.let_read(self.root)
        self.access.let_read(self.root / "home.json")
        self.access.let_read(self.releases)
        for folder in self.releases.glob("r[0-9]*"):
            self.access.let_read(folder)
            for path in folder.iterdir():
                self.access.let_read(path, is_final=True)

    @property
    def _marks(self) -> dict[str, Any]:
        marks: dict[str, Any] = json.loads((self.root / "home.json").read_text(encoding="utf-8"))
        return marks

    def _mark(self, marks: dict[str, Any]) -> None:
        """Writes what the home is, last: a home is made once this is there."""
        temporary = self.root / "home.json.tmp"
        temporary.write_text(json.dumps(marks), encoding="utf-8")
        temporary.replace(self.root / "home.json")
        self.close()

    def _refuse_demo(self, inbox: Path) -> None:
        """Raises WrongHome where demo extracts would come to lie beside real ones, or might."""
        if self.exists and not self.is_demo:
            raise WrongHome(
                f"{self.root} is a home of real extracts, and demo extracts never enter it. Nothing was written."
                f" {INSTEAD_OF_DEMO}"
            )
        if not self.exists and (found := [path for path in _entries(self.root) if not self._is_unused(path)]):
            raise WrongHome(
                f"{self.root} is not marked as a demo home and holds {_named(found, self.root)}. Nothing was written."
                f" {INSTEAD_OF_DEMO}"
            )
        if inbox.is_relative_to(self.root):
            return
        if found := [path for path in _entries(inbox) if not (self.exists and _is_of_demo(path, inbox))]:
            raise WrongHome(
                f"The inbox {inbox} (SRP_INBOX) holds {_named(found, inbox)}, not written as demo extracts of this home."
                f" Nothing was written. {INSTEAD_OF_DEMO}"
            )

    def _is_unused(self, path: Path) -> bool:
        """Whether a making of a demo home that was broken off left it: an empty room, or the public key."""
        rooms = (self.releases, self.warehouse, self.archive, self.inbox)
        key = self.root / "secret" / "pseudonym.key"
        if path.is_symlink():
            return False
        return path in rooms or (path == key and path.read_bytes() in (b"", _new_key(demo=True).encode()))

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
        with self._lock_file.open("a", encoding="ascii") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise AnotherRefresh(
                    f"Another refresh of {self.root} is running: {self.holder or 'a process that just began'}."
                ) from error
            stream.truncate(0)
            stream.write(str(os.getpid()))
            stream.flush()
            try:
                yield
            finally:
                stream.truncate(0)

    @property
    def holder(self) -> str | None:
        """The process that holds the home now, with its start; None where none does."""
        try:
            number, wrote_at = self._lock_file.read_text(encoding="ascii"), self._lock_file.stat().st_mtime
        except OSError:
            return None
        if not number.isdigit() or not is_running(int(number), wrote_at):
            return None
        return describe_process(int(number))

    @property
    def _lock_file(self) -> Path:
        return self.root / "refresh.lock"


def _new_key(demo: bool) -> str:
    return hashlib.sha256(DEMO_KEY.encode()).hexdigest() if demo else secrets.token_hex(32)


def _write_private(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)


def _entries(root: Path) -> list[Path]:
    """Everything below a folder that is no folder with something in it; raises OSError where a folder cannot be read."""
    found: list[Path] = []
    for folder, folders, files in os.walk(root, onerror=_raise_unless_missing):
        here = Path(folder)
        found += [here / name for name in files]
        found += [here / name for name in folders if (here / name).is_symlink()]
        if not folders and not files and here != root:
            found.append(here)
    return sorted(found)


def _is_of_demo(path: Path, inbox: Path) -> bool:
    return DEMO_MARK in path.name or path.relative_to(inbox).parts[0].startswith(OPEN_DATA)


def _raise_unless_missing(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def _named(found: list[Path], root: Path) -> str:
    first = ", ".join(str(path.relative_to(root)) for path in found[:3])
    count = f"{len(found)} {'entry' if len(found) == 1 else 'entries'}"
    return f"{count} ({first}{', ...' if len(found) > 3 else ''})"
