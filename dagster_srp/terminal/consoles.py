"""Standard output for results, standard error for everything else."""

from __future__ import annotations

import os
import sys
from typing import IO

from rich.console import Console

WIDTH = 80
"""Columns of what goes to a file or another program, where no terminal says how wide it is."""


class Listened(Console):
    """A console whose listener may leave (`srp refresh | head`): the work goes on, and its own exit code counts."""

    def on_broken_pipe(self) -> None:
        """Goes on without anybody listening."""
        self.quiet = True
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.file.fileno())
        os.close(nowhere)


def console(stream: IO[str], *, is_error: bool = False) -> Console:
    """The console of a stream: as wide as its terminal, or as COLUMNS says, else 80 columns."""
    known = stream.isatty() or os.environ.get("COLUMNS", "").isdigit()
    return Listened(stderr=is_error, highlight=False, width=None if known else WIDTH)


out = console(sys.stdout)
err = console(sys.stderr, is_error=True)
