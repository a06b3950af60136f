"""What a gate says of one expectation: facts and counts, never a value of the data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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


def all_named(
    table: str, name: str, statement: str, found: Sequence[str], checked: int | None, do_next: str
) -> Verdict:
    """A critical verdict of the candidate gate that names all that breaks it: names of tables and columns, no value."""
    said = f"Broken in {'; '.join(found)}. Next: {do_next}." if found else "Holds."
    return Verdict(
        gate="candidate",
        table=table,
        name=name,
        severity="critical",
        success=not found,
        message=f"{table}: {statement}. {said}",
        checked_count=checked,
        unexpected_count=len(found),
    )


def refused(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """The verdicts that stop the refresh: critical and not met. A failed warning is shown and stops nothing."""
    return [verdict for verdict in verdicts if verdict.severity == "critical" and not verdict.success]
