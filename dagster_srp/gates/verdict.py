"""What a gate says of one expectation: facts and counts, never a value of the data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dagster_srp.gates.suites import Gate, Severity


@dataclass(frozen=True)
class Verdict:
    """One expectation's result, safe to log and to show: its message is built from the suite and from counts."""

    gate: Gate
    table: str
    name: str
    severity: Severity
    success: bool
    message: str
    checked_count: int | None
    unexpected_count: int | None


def refused(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """The verdicts that stop the refresh: critical and not met. A failed warning is shown and stops nothing."""
    return [verdict for verdict in verdicts if verdict.severity == "critical" and not verdict.success]
