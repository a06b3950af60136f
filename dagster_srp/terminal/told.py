"""Tells the home's Dagster instance what the terminal has made, where the home has one."""

from __future__ import annotations

import subprocess
import sys

from dagster_srp.home import Home
from dagster_srp.settings import child_environment


def tell_dagster(home: Home) -> str | None:
    """Tells it in a process of its own; what went wrong, or None. A release is made whether or not it can be shown."""
    instance = home.root / "dagster"
    if not (instance / "dagster.yaml").exists():
        return None
    done = subprocess.run(
        [sys.executable, "-m", "dagster_srp.defs.history"],
        env=child_environment({"SRP_HOME": str(home.root), "DAGSTER_HOME": str(instance)}),
        capture_output=True,
        text=True,
    )
    if done.returncode == 0:
        return None
    return "The release is made, and Dagster could not be told of it: `make ui` tells it when it opens."
