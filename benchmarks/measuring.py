"""Runs a command, and says how long it took and how much memory it and its helpers reached together."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path


@dataclass(frozen=True)
class Measured:
    """Wall and processor seconds of one process, and the peak resident megabytes of it and its children together.

    Memory is looked at ten times a second. A child that is not waited for is left out of the processor seconds.
    """

    seconds: float
    cpu_seconds: float
    peak_mb: float


def measure(
    words: Sequence[str], environment: dict[str, str] | None = None, *, steps: bool = False
) -> Measured:
    """Raises where the command fails; with `steps` its standard error is shown with the seconds of each line.

    What was written before is on the disk first: gigabytes that are still on their way would slow whatever comes next.
    """
    os.sync()
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, *words],
        env={**os.environ, **(environment or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    peaks = [0.0]
    ended = threading.Event()
    watcher = threading.Thread(target=_watch_memory, args=(process.pid, ended, peaks))
    watcher.start()
    tail: list[str] = []
    for line in process.stderr:
        tail.append(line)
        if steps and line.rstrip().endswith("..."):
            print(f"    {time.monotonic() - started:7.1f} s  {line.strip()}", flush=True)
    _, status, usage = os.wait4(process.pid, 0)
    ended.set()
    watcher.join()
    if status != 0:
        raise RuntimeError("".join(tail[-30:]))
    return Measured(time.monotonic() - started, usage.ru_utime + usage.ru_stime, max(peaks))


def _watch_memory(pid: int, ended: threading.Event, peaks: list[float]) -> None:
    while not ended.wait(0.1):
        peaks.append(_resident_mb(pid))


def _resident_mb(pid: int) -> float:
    process = Path(f"/proc/{pid}")
    try:
        pages = int((process / "statm").read_text().split()[1])
        children = [
            int(child)
            for task in (process / "task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20 + sum(_resident_mb(child) for child in children)


def machine() -> str:
    """The machine's facts, and the versions that were measured."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    model = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.processor(),
    )
    versions = ", ".join(
        f"{name} {version(name)}" for name in ("duckdb", "dbt-core", "dbt-duckdb", "great-expectations")
    )
    return (
        f"{os.cpu_count()} cores ({model}), {memory:.0f} GiB, Python {platform.python_version()}, {versions}"
    )
