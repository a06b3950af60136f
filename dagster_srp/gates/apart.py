"""Judging in a process of its own: Great Expectations takes seconds to load, and a refresh has other work meanwhile.

What belongs here: asking that process and hearing it, one line of JSON each way. What does not: any judgement (`judging`).
The process is begun when it is first wanted and serves until this one ends: its standard input then closes, even where
this one was killed.
"""

from __future__ import annotations

import atexit
import functools
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dagster_srp.duck import Engine
from dagster_srp.errors import GateBroken, SuiteError, WarehouseFault, stopped_by
from dagster_srp.gates.judging import judge, load_great_expectations, without_values
from dagster_srp.gates.suites import Gate
from dagster_srp.gates.verdict import Verdict
from dagster_srp.settings import NO_USER_FOLDER, child_environment, collect_garbage_rarely

Answer = Callable[[], list[Verdict]]
_numbers = itertools.count()


def begin() -> None:
    """Begins the process, so that it has loaded what it needs when it is first asked."""
    _process(os.getpid())


def ask(
    database: Path,
    gate: Gate,
    *,
    suites: Path,
    attached: Mapping[str, Path],
    new_deliveries: Sequence[int],
    engine: Engine,
) -> Answer:
    """Begins `judge`, with the same arguments, and returns at once; the answer, when called, waits for the verdicts.

    The files must not be open for writing in any process until then. One gate may be asked at a time. The answer raises
    SuiteError as `judge` does, and GateBroken.
    """
    process = _process(os.getpid())
    number = next(_numbers)
    question = {
        "number": number,
        "database": str(database),
        "gate": gate,
        "suites": str(suites),
        "attached": {name: str(path) for name, path in attached.items()},
        "new_deliveries": list(new_deliveries),
        "engine": asdict(engine),
    }
    assert process.stdin is not None
    try:
        process.stdin.write(json.dumps(question) + "\n")
        process.stdin.flush()
    except BrokenPipeError:
        pass  # the answer will say how the process ended
    return functools.partial(_hear, process, number)


def _hear(process: subprocess.Popen[str], number: int) -> list[Verdict]:
    assert process.stdout is not None
    answer: dict[str, Any] = {}
    # The answer to a question whose asker failed meanwhile is still in the pipe.
    while answer.get("number") != number:
        line = process.stdout.readline()
        if not line:
            _process.cache_clear()
            raise GateBroken(
                f"The process that judges ended with code {process.wait()} before it had judged.",
                "Look at its last words above and at the memory that is free; then run `srp refresh` again.",
            )
        answer = json.loads(line)
    if "suite_error" in answer:
        raise SuiteError(answer["suite_error"])
    if "error" in answer:
        raise GateBroken(f"The gate could not judge: {answer['error']}", answer["next_step"])
    return [Verdict(**verdict) for verdict in answer["verdicts"]]


@functools.cache
def _process(owner: int) -> subprocess.Popen[str]:
    """The judging process of the process `owner`: one that was forked has pipes of another's, and must not use them."""
    process = subprocess.Popen(
        # As a file: DuckDB takes a module that Python was asked for by name for a person, and shows bars of progress.
        [sys.executable, "-P", __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        # Great Expectations looks for settings in the user's folder, and cannot be loaded where there is no such folder.
        env=child_environment({"HOME": NO_USER_FOLDER}),
        # An interrupt at the terminal is for the refresh, which then ends this process too.
        start_new_session=True,
    )
    atexit.register(process.kill)
    return process


def _answer(question: Mapping[str, Any]) -> dict[str, Any]:
    try:
        verdicts = judge(
            Path(question["database"]),
            question["gate"],
            suites=Path(question["suites"]),
            attached={name: Path(path) for name, path in question["attached"].items()},
            new_deliveries=question["new_deliveries"],
            engine=Engine(**question["engine"]),
        )
    except SuiteError as error:
        return {"suite_error": str(error)}
    except Exception as error:
        return {
            "error": f"{type(error).__name__}: {without_values(str(error))}",
            "next_step": (stopped_by(error) or WarehouseFault("")).next_step,
        }
    return {"verdicts": [asdict(verdict) for verdict in verdicts]}


def main() -> None:
    """Judges what each line of standard input asks, and answers with a line; whatever else prints goes to the errors."""
    with os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8") as answers:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        collect_garbage_rarely()
        load_great_expectations()
        for line in sys.stdin:
            question = json.loads(line)
            answers.write(json.dumps({"number": question["number"], **_answer(question)}) + "\n")
            answers.flush()


if __name__ == "__main__":
    main()
