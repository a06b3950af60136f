"""Opens DuckDB databases with the home's settings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from dagster_srp.duck.text import identifier, literal

STORAGE_VERSION = "v1.3.0"
"""The format of the home's DuckDB files, and so the oldest DuckDB that reads a release; texts take half the time to write."""


@dataclass(frozen=True)
class Engine:
    """The settings that every connection of one process shares: DuckDB refuses a file that is open with others."""

    threads: int = 2
    memory_limit: str = "3GB"

    @property
    def config(self) -> dict[str, str | int]:
        """The settings by DuckDB's names."""
        return {"threads": self.threads, "memory_limit": self.memory_limit}


def open_file(
    path: Path, engine: Engine | None = None, *, read_only: bool = True
) -> duckdb.DuckDBPyConnection:
    """Opens a database file; one that is opened for writing is made where there is none, readable by its owner alone.

    What does not fit into memory goes to `spill`, in the file's folder. Raises duckdb.Error where the file cannot be opened.
    """
    config = _config(engine, spill=path.parent / "spill")
    if not read_only:
        config["storage_compatibility_version"] = STORAGE_VERSION
    connection = duckdb.connect(str(path), read_only=read_only, config=config)
    if not read_only:
        path.chmod(0o600)
    return _prepared(connection)


def open_memory(engine: Engine | None = None, *, spill: Path | None = None) -> duckdb.DuckDBPyConnection:
    """Opens a database in memory; with `spill` it may use that folder for what does not fit."""
    return _prepared(duckdb.connect(":memory:", config=_config(engine, spill)))


def attach(connection: duckdb.DuckDBPyConnection, path: Path, alias: str) -> None:
    """Opens another file for reading, under a name."""
    connection.execute(f"attach {literal(str(path))} as {identifier(alias)} (read_only)")


def _config(engine: Engine | None, spill: Path | None) -> dict[str, str | bool | int | float | list[str]]:
    # Limits are given at opening: setting them afterwards took ten seconds in a process that had built 20 million rows.
    config: dict[str, str | bool | int | float | list[str]] = {**(engine or Engine()).config}
    if spill is not None:
        config["temp_directory"] = str(spill)
    return config


def _prepared(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    # The client draws its progress bar on standard output, into a pipe too, and would break what a program reads.
    connection.execute("set enable_progress_bar = false")
    connection.execute("set TimeZone = 'UTC'")
    return connection
