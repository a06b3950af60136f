from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dagster_srp.contracts import Contract

from .room import Room


@pytest.fixture
def rooms(tmp_path: Path, contracts: dict[str, Contract]) -> Callable[..., Room]:
    """Makes landing rooms for the feeds named, each in its own folder."""

    def make(*feeds: str, name: str = "home") -> Room:
        return Room(tmp_path / name, {feed: contracts[feed] for feed in feeds})

    return make


@pytest.fixture
def room(rooms: Callable[..., Room]) -> Room:
    """A landing room that knows recorded crimes alone."""
    return rooms("syp_crimes")
