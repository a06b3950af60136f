"""Finds the files of the inbox that are whole, and leaves those still being written."""

from __future__ import annotations

import fcntl
import os
import signal
import time
from collections.abc import Collection, Iterator
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
    """What the inbox holds: whole files in the order of their writing, files still being written, and what is refused, with the reason."""

    ready: list[InboxFile]
    unfinished: list[Path]
    refused: list[tuple[Path, str]]


def scan_inbox(inbox: Path, feeds: Collection[str], settle_seconds: float) -> Scan:
    """Looks at every file once, and again at the young ones after `settle_seconds`.

    A link is refused, whatever it points to: only what lies in the inbox itself is ever read, or taken away.
    """
    ready: list[InboxFile] = []
    unfinished: list[Path] = []
    refused: list[tuple[Path, str]] = []
    for folder in sorted(inbox.iterdir()) if inbox.is_dir() else []:
        if folder.is_symlink():
            refused.append((folder, "A link: it is not followed. Put the folder itself into the inbox."))
            continue
        if not folder.is_dir() or folder.name not in feeds:
            refused.append((folder, "No feed of that name: it was left where it is. See docs/contracts."))
            continue
        for path in sorted(_entries(folder)):
            if path.is_symlink():
                refused.append((path, "A link: it is not followed. Put the file itself into the inbox."))
            elif path.is_dir():
                refused.append((path, "A folder: put its files into the feed's own folder."))
            elif not path.is_file():
                refused.append((path, "Neither a file nor a folder: take it away."))
            elif path.name.startswith((".", "~$")) or path.name.lower().endswith(PARTIAL_SUFFIXES):
                unfinished.append(path)
            else:
                ready.append(InboxFile(folder.name, path))
    growing = _still_growing([f.path for f in ready], settle_seconds)
    unfinished.extend(sorted(growing))
    whole = sorted((f for f in ready if f.path not in growing), key=lambda f: (_written_ns(f.path), f.path))
    return Scan(whole, unfinished, refused)


def _entries(folder: Path) -> Iterator[Path]:
    """What stands in the folder; a file that goes meanwhile is no longer anybody's concern."""
    return (path for path in folder.iterdir() if path.exists() or path.is_symlink())


def _still_growing(paths: list[Path], settle_seconds: float) -> set[Path]:
    first = {path: _state(path) for path in paths}
    youngest = max((state[1] for state in first.values() if state), default=0) / 1e9
    wait = youngest + settle_seconds - time.time()
    if wait > 0:
        time.sleep(min(wait, settle_seconds))
    return {path for path, state in first.items() if _state(path) != state or _open_for_writing(path)}


def _state(path: Path) -> tuple[int, int] | None:
    """Size and time of change; None where it has gone, as a partner's upload tool may rename it."""
    try:
        now = path.stat()
    except FileNotFoundError:
        return None
    return now.st_size, now.st_mtime_ns


def _written_ns(path: Path) -> int:
    """When the file was written: files that wait together arrive in that order."""
    state = _state(path)
    return state[1] if state else 0


def _open_for_writing(path: Path) -> bool:
    """Whether some process holds the file open for writing, by asking for a read lease (Linux, local files).

    Where leases are not to be had the answer is no, and the settling time alone must do. A writer that comes while the
    lease is held makes the kernel send a signal, which by default would end this process: one that is ignored is asked for.
    """
    if not hasattr(fcntl, "F_SETLEASE"):
        return False
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return False
