"""Processes of this machine, as a message names them."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path


def describe_process(number: int) -> str:
    """Which program a process runs and since when, as far as this account may know; never its arguments."""
    found = _look(number)
    if found is None:
        return f"process {number}"
    program, started = found
    moment = dt.datetime.fromtimestamp(started, dt.UTC)
    return f"process {number} ({program}), started {moment:%Y-%m-%d %H:%M:%S} UTC"


def is_running(number: int, wrote_at: float) -> bool:
    """Whether the process that wrote something at a moment is still there: numbers are given again."""
    found = _look(number)
    return found is not None and found[1] <= wrote_at + 1


def _look(number: int) -> tuple[str, float] | None:
    """A process's program and when it started, in seconds since 1970; None where it is gone or cannot be seen."""
    try:
        stat = Path(f"/proc/{number}/stat").read_text(encoding="utf-8")
        lines = Path("/proc/stat").read_text(encoding="utf-8").splitlines()
        booted = next(int(line.split()[1]) for line in lines if line.startswith("btime"))
        program, fields = stat[stat.index("(") + 1 : stat.rindex(")")], stat[stat.rindex(")") + 2 :].split()
    except (OSError, ValueError, StopIteration):
        return None
    return program, booted + int(fields[19]) / os.sysconf("SC_CLK_TCK")
