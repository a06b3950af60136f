"""Typed settings from the environment, and what a process sets for itself; nothing else touches `os.environ`."""

from __future__ import annotations

import datetime as dt
import gc
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from dagster_srp.duck import Engine
from dagster_srp.errors import WrongMoment, WrongSettings
from dagster_srp.moments import as_utc, parse_as_at


def _moment(value: Any) -> Any:
    """The one way in which an as-at is read, wherever it was written."""
    if isinstance(value, dt.datetime):
        return as_utc(value)
    try:
        return parse_as_at(value) if isinstance(value, str) else value
    except WrongMoment as error:
        raise ValueError(f"{error} {error.next_step}") from None


NO_USER_FOLDER = "/nonexistent"
"""HOME for a library that would read the settings of whoever runs it: Debian's name for no folder at all."""


class Settings(BaseSettings):
    """Where the warehouse lives and the thresholds it runs with; each is `SRP_<NAME>` in the environment."""

    model_config = SettingsConfigDict(env_prefix="SRP_", extra="ignore")

    home: Path = Field(Path("var"), description="The home: archive, warehouse and releases.")
    inbox: Path | None = Field(None, description="Where partners' files arrive; the home's inbox unless set.")
    as_at: Annotated[dt.datetime | None, BeforeValidator(_moment)] = Field(
        None, description="Build only from deliveries extracted up to then."
    )
    keep_releases: int = Field(8, ge=1, description="How many releases are kept; older ones are pruned.")
    threads: int = Field(2, ge=1, description="Threads of DuckDB and dbt.")
    memory_limit: str = Field(
        "3GB",
        pattern=r"^\d+(\.\d+)? ?([KMGTkmgt]i?)?[Bb]$",
        description="DuckDB's memory limit; it spills to disk beyond it.",
    )
    settle_seconds: float = Field(
        1.0, ge=0, description="A file younger than this is looked at again after it; if it grew, it is left."
    )
    max_unpacked_bytes: int = Field(
        64 * 1024**3, ge=1, description="A zip or gzip that would unpack to more is refused as a bomb."
    )
    max_unpack_ratio: float = Field(
        200.0, ge=1, description="Unpacked over packed size beyond which an archive is refused as a bomb."
    )

    @property
    def home_dir(self) -> Path:
        """The home as an absolute path: dbt re-parses everything when a path changes."""
        return self.home.resolve()

    @property
    def engine(self) -> Engine:
        """DuckDB's settings, for every connection."""
        return Engine(self.threads, self.memory_limit)

    @property
    def inbox_dir(self) -> Path:
        """The inbox as an absolute path."""
        return (self.inbox or self.home_dir / "inbox").resolve()


def read_settings() -> Settings:
    """The settings of the environment; raises WrongSettings, which names every fault by its variable."""
    try:
        # every setting has a default or comes from the environment, which mypy cannot see
        return Settings()  # type: ignore[call-arg]
    except ValidationError as error:
        faults = [
            f"SRP_{str(fault['loc'][0]).upper()} is {fault['input']!r}: {_said_of(fault)}"
            for fault in error.errors()
        ]
        raise WrongSettings("\n".join(faults)) from None


def _said_of(fault: Mapping[str, Any]) -> str:
    if fault["loc"] == ("memory_limit",):
        return "it must be a number and a unit, such as 3GB or 500MB."
    return str(fault["msg"]).removeprefix("Value error, ").removeprefix("Input ").rstrip(".") + "."


@contextmanager
def lent_environment(values: Mapping[str, str]) -> Iterator[None]:
    """Lends variables to a library that takes its settings from the environment alone, as dbt does.

    What the machine has set for dbt is out of the way meanwhile: DBT_TARGET or DBT_EMPTY of somebody's shell must not
    reach a build.
    """
    names = {*values, *(name for name in os.environ if name.startswith("DBT_"))}
    before = {name: os.environ.pop(name, None) for name in names}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def child_environment(values: Mapping[str, str]) -> dict[str, str]:
    """The environment of a process that works on another home: ours without our own settings, and `values`."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("SRP_", "DBT_"))}
    return {**inherited, **values}


def collect_garbage_rarely() -> None:
    """For a process of one task, which keeps nearly all it makes: looking for garbage took a second of a month's refresh."""
    gc.set_threshold(100_000, 10, 10)
