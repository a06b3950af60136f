"""Unpacks zip and gzip without trusting them."""

from __future__ import annotations

import gzip
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from dagster_srp.landing.faults import concerns_home
from dagster_srp.landing.held import Held
from dagster_srp.landing.scan import CHUNK

NESTED = (".zip", ".gz", ".7z", ".rar", ".tar", ".tgz", ".bz2", ".xz")

UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    RuntimeError,
    ValueError,
    OverflowError,
    LookupError,
    struct.error,
)
"""What Python's zipfile raises on bytes that are not a sound zip, or pack in a way it does not know."""


@contextmanager
def reading_zip(what: str) -> Iterator[None]:
    """Holds the delivery where its zip is damaged: `what` begins the reason, and a full disk is no fault of the zip."""
    try:
        yield
    except UNREADABLE as error:
        raise Held(f"{what} ({error}). Pack it again and resend.") from error
    except OSError as error:
        if concerns_home(error):
            raise
        raise Held(f"{what} (its directory points outside the file). Pack it again and resend.") from error


class Readable(Protocol):
    """A stream of bytes."""

    def read(self, size: int, /) -> bytes:
        """At most that many bytes."""


@dataclass(frozen=True)
class Limits:
    """How much an archive may unpack to, and how many times its own size."""

    max_bytes: int
    max_ratio: float


def zip_members(path: Path, limits: Limits) -> list[zipfile.ZipInfo]:
    """The files of a zip, once none of them can do harm; raises Held with every reason.

    Windows writes folders with backslashes: a member's name has them the other way round.
    """
    with reading_zip("Not a readable zip archive"), zipfile.ZipFile(path) as archive:
        members = [m for m in archive.infolist() if not m.filename.endswith(("/", "\\"))]
    reasons = [reason for member in members for reason in _member_faults(member)]
    names = [m.filename for m in members]
    reasons += [
        f"Two members are named {n!r}. Send one." for n in sorted({n for n in names if names.count(n) > 1})
    ]
    unpacked = sum(m.file_size for m in members)
    packed = max(1, sum(m.compress_size for m in members))
    if unpacked > limits.max_bytes or unpacked / packed > limits.max_ratio:
        reasons.append(
            f"The zip would unpack to {unpacked:,} bytes, {unpacked / packed:,.0f} times its size: refused as a bomb."
            " If it is honest, raise SRP_MAX_UNPACKED_BYTES or SRP_MAX_UNPACK_RATIO."
        )
    if reasons:
        raise Held(*reasons)
    for member in members:
        member.filename = member.filename.replace("\\", "/").removeprefix("./")
    return members


def _member_faults(member: zipfile.ZipInfo) -> Iterator[str]:
    name = member.filename
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if name.startswith(("/", "\\")) or ".." in parts or re.match(r"^[A-Za-z]:", name):
        yield f"Member {name!r} has a path outside the archive. Pack it with relative paths and resend."
    if name.lower().endswith(NESTED):
        yield f"Member {name!r} is an archive inside the archive. Send its files directly."
    if member.flag_bits & 0x1:
        yield f"Member {name!r} is encrypted. Send it without a password."


def unpack_member(path: Path, member: zipfile.ZipInfo, target: Path, limits: Limits) -> None:
    """Writes one member to `target`, stopping at the size that the archive itself declares."""
    name = f"Member {member.filename!r}"
    with (
        reading_zip(f"{name} cannot be unpacked"),
        zipfile.ZipFile(path) as archive,
        archive.open(member) as stream,
    ):
        _pour(stream, target, min(member.file_size, limits.max_bytes), name)


def unpack_gzip(path: Path, target: Path, limits: Limits) -> None:
    """Writes the content of a gzip file to `target`."""
    most = min(limits.max_bytes, int(path.stat().st_size * limits.max_ratio) + CHUNK)
    try:
        with gzip.open(path) as stream:
            _pour(stream, target, most, "The gzip file")
    except (OSError, zlib.error, EOFError) as error:
        if isinstance(error, OSError) and not isinstance(error, gzip.BadGzipFile):
            raise
        raise Held(f"Not a whole gzip file ({error}). Pack it again and resend.") from error


def _pour(stream: Readable, target: Path, most: int, name: str) -> None:
    written = 0
    with target.open("wb") as writer:
        while chunk := stream.read(CHUNK):
            written += len(chunk)
            if written > most:
                raise Held(
                    f"{name} unpacks to more than {most:,} bytes: refused as a bomb. If it is honest, raise"
                    " SRP_MAX_UNPACKED_BYTES or SRP_MAX_UNPACK_RATIO."
                )
            writer.write(chunk)
