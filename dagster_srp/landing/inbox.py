"""Finds the files of the inbox that are whole, and leaves those still being written."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

PARTIAL_SUFFIXES = (".part", ".partial", ".tmp", ".filepart", ".crdownload", ".swp", "~")


@dataclass(frozen=True)
class InboxFile:
    """A whole file that waits in a feed's folder."""

    feed: str
    path: Path


@dataclass(frozen=True)
class Scan:
    """What the inbox holds: whole files, files still being written, and what lies outside any feed's folder."""

    ready: list[InboxFile]
    unfinished: list[Path]
    strays: list[Path]


def scan_inbox(inbox: Path, feeds: Collection[str], settle_seconds: float) -> Scan:
    """Looks at every file once, and again at the young ones after `settle_seconds`."""
    ready: list[InboxFile] = []
    unfinished: list[Path] = []
    strays: list[Path] = []
    folders = sorted(inbox.iterdir()) if inbox.is_dir() else []
    for folder in folders:
        if not folder.is_dir() or folder.name not in feeds:
            strays.append(folder)
            continue
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            if path.name.startswith(".") or path.name.lower().endswith(PARTIAL_SUFFIXES):
                unfinished.append(path)
            else:
                ready.append(InboxFile(folder.name, path))
    growing = _still_growing([f.path for f in ready], settle_seconds)
    unfinished.extend(sorted(growing))
    return Scan([f for f in ready if f.path not in growing], unfinished, strays)


def _still_growing(paths: list[Path], settle_seconds: float) -> set[Path]:
    first = {path: path.stat() for path in paths}
    youngest = max((stat.st_mtime for stat in first.values()), default=0.0)
    wait = youngest + settle_seconds - time.time()
    if wait > 0:
        time.sleep(min(wait, settle_seconds))
    return {path for path, stat in first.items() if _changed(path, stat) or _open_for_writing(path)}


def _changed(path: Path, before: os.stat_result) -> bool:
    now = path.stat()
    return (now.st_size, now.st_mtime_ns) != (before.st_size, before.st_mtime_ns)


def _open_for_writing(path: Path) -> bool:
    """Whether some process holds the file open for writing, by asking for a read lease (Linux, local files).

    Where leases are not to be had the answer is no, and the settling time alone must do.
    """
    if not hasattr(fcntl, "F_SETLEASE"):
        return False
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return False
