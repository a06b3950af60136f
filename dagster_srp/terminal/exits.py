"""How a verb ends: every error with its exit code, what is wrong, the next step, and what is current meanwhile."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from rich.text import Text
from typer.core import TyperGroup

from dagster_srp.errors import BUSY, INTERRUPTED, WRONG_USE, WarehouseError, explained
from dagster_srp.home import Home
from dagster_srp.settings import read_settings
from dagster_srp.terminal.consoles import err, out

_COLOURS = {WRONG_USE: "red", BUSY: "yellow", INTERRUPTED: "yellow"}
_interrupts: list[int] = []


class Verbs(TyperGroup):
    """The verbs; whatever one of them raises ends here."""

    def invoke(self, ctx: Any) -> Any:
        """Runs the verb that the words name."""
        words = [*ctx._protected_args, *ctx.args]
        with exits("--json" in words):
            return super().invoke(ctx)


@contextmanager
def exits(as_json: bool) -> Iterator[None]:
    """Ends the process by the error's exit code where one is raised; usage errors of the command line pass."""
    try:
        yield
    except Exception as error:
        if type(error).__module__.startswith(("typer", "click")):
            raise
        _end(explained(KeyboardInterrupt() if _interrupts else error), as_json)
    except KeyboardInterrupt as error:
        _end(explained(error), as_json)


def note_interrupts() -> None:
    """Remembers Ctrl-C, since a library may turn it into an error of its own."""

    def interrupted(number: int, frame: FrameType | None) -> None:
        _interrupts.append(number)
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, interrupted)


def _end(error: WarehouseError, as_json: bool) -> None:
    message = Text(f"{error.heading} ", style=f"bold {_COLOURS.get(error.exit_code, 'red')}")
    err.print(message.append(str(error), style="not bold default"))
    if error.next_step:
        err.print(Text(f"Next: {error.next_step}"))
    if error.exit_code != WRONG_USE and (state := _state_of_release()):
        err.print(Text(state))
    if as_json:
        said = {"message": str(error), "next_step": error.next_step, "exit_code": error.exit_code}
        out.print_json(json.dumps({"error": said}))
    raise SystemExit(error.exit_code) from None


def _state_of_release() -> str | None:
    from dagster_srp.release import current_release_id

    try:
        current = current_release_id(Home(read_settings().home_dir))
    except (WarehouseError, OSError):
        return None
    return f"Release {current} stays current." if current else "Nothing is released yet."
