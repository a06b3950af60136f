"""Who may read a home: its owner, and one group where the home names one. Modes and groups only; no file is opened."""

from __future__ import annotations

import grp
import os
import pwd
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dagster_srp.errors import NoSuchGroup


@dataclass(frozen=True)
class Access:
    """The readers of what is released: the owner alone, or also the members of `group`."""

    group: str | None = None

    def let_read(self, path: Path, *, is_final: bool = False) -> None:
        """Gives a folder or a file to the readers; `is_final` takes the owner's right to write away. Links are left.

        Raises NoSuchGroup.
        """
        if path.is_symlink():
            return
        if self.group is not None:
            _give(path, self.group)
        if path.is_dir():
            path.chmod(0o700 if self.group is None else 0o750)
        else:
            mode = 0o400 if is_final else 0o600
            path.chmod(mode if self.group is None else mode | 0o040)


def readers_of(folder: Path) -> str:
    """Who may read a folder by its modes, in words: what is, not what was asked for."""
    state = folder.stat()
    readers = [f"owner {_name(pwd.getpwuid, state.st_uid)}"]
    if state.st_mode & 0o070:
        readers.append(f"group {_name(grp.getgrgid, state.st_gid)}")
    if state.st_mode & 0o007:
        readers.append("EVERY ACCOUNT of this machine: the next refresh closes it")
    return ", ".join(readers)


def _name(find: Callable[[int], Sequence[Any]], number: int) -> str:
    try:
        return str(find(number)[0])
    except KeyError:
        return str(number)


def _give(path: Path, group: str) -> None:
    try:
        number = grp.getgrnam(group).gr_gid
        if path.stat().st_gid != number:
            os.chown(path, -1, number)
    except KeyError:
        raise NoSuchGroup(f"This machine has no group {group!r}.") from None
    except PermissionError:
        raise NoSuchGroup(
            f"{path} cannot be given to the group {group!r}: an account can only give to a group that it is"
            " in."
        ) from None
