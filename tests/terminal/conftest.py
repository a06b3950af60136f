"""The small home of tests/refresh, read through the command."""

from tests.refresh.conftest import own_home, small_extracts, small_home

__all__ = ["own_home", "small_extracts", "small_home"]
