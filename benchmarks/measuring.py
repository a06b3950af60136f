"""Runs a command, and says how long it took and how much memory its process reached."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path


@dataclass(frozen=True)
class Measured:
    """Wall seconds, processor seconds, and peak resident memory in megabytes, of one process."""

    seconds: float
    cpu_seconds: float
    peak_mb: float


def measure(
    words: Sequence[str], environment: dict[str, str] | None = None, *, steps: bool = False
) -> Measured:
    """Raises where the command fails; with `steps` its standard error is shown with the seconds of each line."""
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, *words],
        env={**os.environ, **(environment or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    tail: list[str] = []
    for line in process.stderr:
        tail.append(line)
        if steps and line.rstrip().endswith("..."):
            print(f"    {time.monotonic() - started:7.1f} s  {line.strip()}", flush=True)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise RuntimeError("".join(tail[-30:]))
    return Measured(time.monotonic() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


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
