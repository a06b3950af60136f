"""Every error that stops a verb: what is wrong, its exit code, and the next step that fits it.

What belongs here: the kinds of error, and what an error of DuckDB or of the operating system means for a home. What does
not: printing (terminal), and whatever holds one delivery and stops nothing (landing). No message holds a value of a row.
"""

from __future__ import annotations

import difflib
import errno
import re
import shutil
import traceback
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from dagster_srp.processes import describe_process

if TYPE_CHECKING:
    from dagster_srp.building import DbtOutcome
    from dagster_srp.gates import Verdict

DONE, REFUSED, WRONG_USE, BUSY, INTERRUPTED = 0, 1, 2, 3, 130

PACKAGE = Path(__file__).parent
_NAMES_ONLY = (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException, duckdb.IOException)
"""Their messages name columns, tables and files. A message of any other kind may quote a value."""


class WarehouseError(Exception):
    """What stops a verb: the message says what is wrong and where, `next_step` what to do."""

    exit_code = REFUSED
    heading = "Stopped."
    next_step = ""

    def __init__(self, message: str, next_step: str | None = None) -> None:
        super().__init__(message)
        if next_step is not None:
            self.next_step = next_step

    def add(self, advice: str) -> None:
        """Adds which deliveries may be the cause, and what to do about them."""
        self.args = (f"{self}{advice}",)


class WrongUse(WarehouseError):
    """The words or the settings are wrong: nothing was done."""

    exit_code = WRONG_USE
    heading = "Wrong use."


class WrongSettings(WrongUse):
    """Settings of the environment that cannot be used, all of them, by the names that the user wrote."""

    heading = "Wrong settings."
    next_step = "Set them as docs/engineer.md lists them, or unset them."


class WrongHome(WrongUse):
    """The home is not of the kind that was asked for, or there is none."""


class NoSuchGroup(WrongUse):
    """The home names a group that this machine does not have, or that its owner is not in."""

    next_step = "Name another group: `srp share GROUP`, or `srp share --nobody`."


class NoSuchName(WrongUse):
    """A feed, an indicator, an area or a release that is not known."""

    @classmethod
    def among(cls, kind: str, name: str, known: Collection[str], listed_by: str) -> NoSuchName:
        """The error with the names that are near; `listed_by` is the command that lists all."""
        near = near_names(name, known)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        return cls(f"No {kind} {name!r}.{hint}", f"`{listed_by}` lists what there is.")


class WrongMoment(WrongUse):
    """A text that is no moment, or a moment that has not come."""

    next_step = "Write it as 2017-03-31, 2017-03-31T23:59:59 (UTC) or 2017-03-31T23:59:59+01:00."


class NoSuchFigure(WrongUse):
    """No release, no such indicator, or no value for that period."""


class CannotRebuild(WrongUse):
    """The release, or the code that made it, is not to be found."""


class AnotherRefresh(WarehouseError):
    """Another refresh holds the home's lock."""

    exit_code = BUSY
    heading = "Busy."
    next_step = "Wait for it to end."


class GateRefused(WarehouseError):
    """A critical expectation does not hold: the refresh stops, and the current release stays current."""

    heading = "Refused."
    next_step = "Each line above says what to do. Then run `srp refresh` again."

    def __init__(self, gate: str, verdicts: list[Verdict]) -> None:
        super().__init__("\n".join(f"{gate} gate: {verdict.message}" for verdict in verdicts))
        self.gate = gate
        self.verdicts = verdicts


class GateBroken(WarehouseError):
    """The judging process could not judge, or ended without an answer: nothing was judged, so nothing may be released."""

    heading = "Refused."


class SuiteError(WarehouseError, ValueError):
    """A suite cannot be judged as it is; the message lists every fault and what to do."""

    heading = "Refused."
    next_step = "Correct the suite (expectations/README.md), and run `srp refresh` again."


class DbtFailed(WarehouseError):
    """dbt could not build, or a test of severity error failed."""

    heading = "Refused."
    next_step = (
        "Look at the rows of these models in the restricted warehouse (warehouse/build.duckdb), correct the cause, and run"
        " `srp refresh` again."
    )

    def __init__(
        self, outcomes: Sequence[DbtOutcome], message: str, cause: BaseException | None = None
    ) -> None:
        super().__init__(message)
        self.outcomes = list(outcomes)
        if known := stopped_by(cause or Exception(message)):
            self.heading, self.next_step = known.heading, known.next_step


class StaleLog(WarehouseError):
    """A write-ahead log lies beside a file that is to be released; DuckDB would replay it into the new file."""

    next_step = "Run `srp refresh` again."


class DiskFull(WarehouseError):
    """Nothing more can be written where the home is."""


class NotEnoughMemory(WarehouseError):
    """DuckDB's memory limit, or the machine's memory, does not suffice."""

    next_step = (
        "Raise SRP_MEMORY_LIMIT, or lower SRP_THREADS (each thread takes its share), and run it again."
    )


class FileLocked(WarehouseError):
    """A program outside the warehouse has one of its files open."""

    next_step = (
        "Close that program, and run it again. To look at figures open released/srp.duckdb with -readonly."
    )


class FileCorrupt(WarehouseError):
    """A DuckDB file of the home is damaged or of another kind."""

    next_step = (
        "In warehouse/: delete the folder warehouse, and `srp refresh` builds it again from the archive. In releases/:"
        " `srp rebuild RELEASE` makes the release again and compares."
    )


class NotAllowed(WarehouseError):
    """The account may not read or write a file."""

    next_step = (
        "Run it as the account that owns the home, or let a group read what is released: `srp share GROUP`."
    )


class FileTrouble(WarehouseError):
    """The operating system refuses a file for another reason."""

    next_step = "Look at that file and its disk, and run it again."


class WarehouseFault(WarehouseError):
    """Something that nobody foresaw: where in the code it happened, and not what was in the data."""

    next_step = "This is a fault of the warehouse: report it with the lines above and `srp --version`."


class Interrupted(WarehouseError):
    """Somebody pressed Ctrl-C."""

    exit_code = INTERRUPTED
    heading = "Interrupted."
    next_step = "Run it again: it does what was not done."


def near_names(name: str, known: Collection[str]) -> list[str]:
    """Up to three of the known names that are spelt like this one or share its words."""
    near = difflib.get_close_matches(name.lower(), sorted(known), n=3, cutoff=0.7)
    words = {word for word in re.split(r"\W|_", name.lower()) if len(word) > 2}
    sharing = sorted(known, key=lambda one: (-len(words & set(one.split("_"))), one))
    near += [one for one in sharing if words & set(one.split("_")) and one not in near]
    return near[:3]


def explained(error: BaseException) -> WarehouseError:
    """Any error as one of these."""
    if isinstance(error, WarehouseError):
        return error
    if isinstance(error, KeyboardInterrupt | duckdb.InterruptException) or "Query interrupted" in str(error):
        return Interrupted("Nothing is lost.")
    if isinstance(error, LookupError) and not isinstance(error, KeyError | IndexError):
        return WrongUse(str(error))
    return stopped_by(error) or _fault(error)


def stopped_by(error: BaseException) -> WarehouseError | None:
    """What an error of DuckDB or of the operating system means; None where it is neither, or says nothing of the home."""
    text = str(error)
    first = text.splitlines()[0] if text else type(error).__name__
    if _says_disk_is_full(error, text):
        return DiskFull(f"The disk is full: {first}", _free_some_room(error))
    if isinstance(error, duckdb.OutOfMemoryException | MemoryError) or "Out of Memory Error" in text:
        return NotEnoughMemory(first.split(" (")[0])
    if found := re.search(r'lock on file "(.+?)".*?\(PID (\d+)\)', text, re.DOTALL):
        return FileLocked(f"{found[1]} is open in {describe_process(int(found[2]))}.")
    if isinstance(error, duckdb.SerializationException | duckdb.FatalException) or re.search(
        r"not a valid DuckDB database|[Cc]orrupt|[Cc]hecksum", text
    ):
        return FileCorrupt(
            f"A file is damaged: {first if isinstance(error, _NAMES_ONLY) else type(error).__name__}"
        )
    if isinstance(error, PermissionError):
        return NotAllowed(f"This account may not read or write {error.filename}.")
    if isinstance(error, OSError | duckdb.IOException):
        return FileTrouble(first)
    return None


def _says_disk_is_full(error: BaseException, text: str) -> bool:
    number = error.errno if isinstance(error, OSError) else None
    return number in (errno.ENOSPC, errno.EDQUOT) or bool(
        re.search(r"No space left|Disk quota exceeded|Could not write file|Could not write all bytes", text)
        and not isinstance(error, WarehouseError)
    )


def _free_some_room(error: BaseException) -> str:
    """How much is free and where, if the error names a path."""
    named = getattr(error, "filename", None) or next(iter(re.findall(r'"(/[^"]+)"', str(error))), None)
    folder = next((p for p in [Path(named), *Path(named).parents] if p.is_dir()), None) if named else None
    left = f" at {folder}, where {shutil.disk_usage(folder).free / 1e6:,.0f} MB are left" if folder else ""
    return f"Free some room{left}, and run it again."


def _fault(error: BaseException) -> WarehouseError:
    frames = [
        f"{Path(frame.filename).relative_to(PACKAGE.parent)}:{frame.lineno} in {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(PACKAGE)
    ]
    said = f": {str(error).splitlines()[0]}" if isinstance(error, _NAMES_ONLY) else ""
    return WarehouseFault(
        "\n".join([f"{type(error).__name__}{said}", *(f"  at {frame}" for frame in frames[-5:])])
    )
