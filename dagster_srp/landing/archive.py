"""The archive: the bytes of every delivery, by sha256, and a receipt for each. The one truth of the warehouse."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from dagster_srp.landing.scan import CHUNK


@dataclass(frozen=True)
class Receipt:
    """What is known of a delivery from its arrival alone."""

    feed: str
    sha256: str
    """Of the bytes; where they were sent again and count again, with the number of the sending: `<sha256>.2`."""
    file_name: str
    byte_count: int
    landed_at: str
    """ISO 8601 in UTC. The ledger is the only reader of the clock. Of two deliveries of one moment the later arrival counts."""

    @property
    def is_resend(self) -> bool:
        """Whether the same bytes had been received for the feed before, and count again."""
        return "." in self.sha256


@dataclass(frozen=True)
class Archived:
    """The receipt, and whether the same bytes had been received for the feed before."""

    receipt: Receipt
    is_repeat: bool


class Archive:
    """Objects by content and receipts by feed, below one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def object_path(self, sha256: str) -> Path:
        """Where the bytes of that sha256 are kept; those of a resend are the first's."""
        sha256 = sha256.split(".")[0]
        return self.root / "objects" / sha256[:2] / sha256

    def receipt_path(self, feed: str, sha256: str) -> Path:
        """Where the receipt of that delivery is kept."""
        return self.root / "deliveries" / feed / f"{sha256}.json"

    def receipts(self) -> list[Receipt]:
        """Every receipt, by feed and sha256."""
        paths = sorted((self.root / "deliveries").glob("*/*.json"))
        return [Receipt(**json.loads(path.read_text(encoding="utf-8"))) for path in paths]

    def of_feed(self, feed: str) -> list[Receipt]:
        """The receipts of one feed, in the order of arrival."""
        paths = (self.root / "deliveries" / feed).glob("*.json")
        found = [Receipt(**json.loads(path.read_text(encoding="utf-8"))) for path in paths]
        return sorted(found, key=lambda receipt: (receipt.landed_at, receipt.sha256))

    def clear_incoming(self) -> None:
        """Takes away what a killed run was copying: the inbox still holds it."""
        shutil.rmtree(self.root / "incoming", ignore_errors=True)

    def take(self, path: Path, feed: str, landed_at: dt.datetime) -> Archived | None:
        """Copies a file of the inbox into the archive; None where it changed while it was read.

        Bytes come first, then the receipt; the caller takes the inbox's file away last. A kill at any step is harmless:
        the next run finds the inbox's file, and does again whatever is missing.
        """
        before = path.stat()
        incoming = self.root / "incoming" / f"{feed}.tmp"
        digest = _copy_and_hash(path, incoming)
        after = path.stat()
        if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
            incoming.unlink()
            return None
        self._store(incoming, digest)
        return self.register(feed, digest, printable(path.name), before.st_size, landed_at)

    def _store(self, incoming: Path, sha256: str) -> None:
        target = self.object_path(sha256)
        if target.exists():
            incoming.unlink()
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        incoming.chmod(0o400)
        incoming.replace(target)
        _sync_folder(target.parent)

    def register(
        self, feed: str, sha256: str, file_name: str, byte_count: int, landed_at: dt.datetime
    ) -> Archived:
        """Writes the receipt of bytes that are in the archive, unless there is one."""
        receipt_path = self.receipt_path(feed, sha256)
        if receipt_path.exists():
            return Archived(Receipt(**json.loads(receipt_path.read_text(encoding="utf-8"))), is_repeat=True)
        receipt = Receipt(feed, sha256, file_name, byte_count, landed_at.isoformat())
        receipt_path.parent.mkdir(parents=True, exist_ok=True)
        temporary = receipt_path.with_suffix(".tmp")
        with temporary.open("w", encoding="utf-8") as stream:
            json.dump(asdict(receipt), stream, indent=1, sort_keys=True)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(receipt_path)
        _sync_folder(receipt_path.parent)
        return Archived(receipt, is_repeat=False)


def printable(name: str) -> str:
    """A file's name as text: the bytes of a name need not be UTF-8."""
    return os.fsencode(name).decode("utf-8", errors="backslashreplace")


def _sync_folder(folder: Path) -> None:
    """Makes a rename last over a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _copy_and_hash(source: Path, target: Path) -> str:
    """Copies under a temporary name and hashes what was copied, so that a name always speaks for its bytes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    digest = hashlib.sha256()
    with source.open("rb") as reader, target.open("wb") as writer:
        while chunk := reader.read(CHUNK):
            digest.update(chunk)
            writer.write(chunk)
        writer.flush()
        os.fsync(writer.fileno())
    return digest.hexdigest()
