"""Gates: runs the suites of `expectations/` against a DuckDB file and says what holds.

What belongs here: reading suites, judging tables by them, turning results into verdicts that carry no values, and
writing the landing suites from the contracts. This is the only room that knows Great Expectations. What does not:
deciding what a refusal stops (the refresh does), repairing data, or any expectation's wording (the suites hold it).
"""

from dagster_srp.errors import GateBroken, SuiteError
from dagster_srp.gates.apart import Answer, ask, begin
from dagster_srp.gates.judging import judge
from dagster_srp.gates.suites import GATES, Gate, Severity, Suite, load_suites
from dagster_srp.gates.texts import judge_texts
from dagster_srp.gates.verdict import Verdict, refused

__all__ = [
    "GATES",
    "Answer",
    "Gate",
    "GateBroken",
    "Severity",
    "Suite",
    "SuiteError",
    "Verdict",
    "ask",
    "begin",
    "judge",
    "judge_texts",
    "load_suites",
    "refused",
]
