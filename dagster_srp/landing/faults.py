"""Tells what goes wrong inside one delivery, which is held, from what concerns the whole home, which stops the refresh."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from dagster_srp.landing.held import Held

TRIED_AGAIN = "It is kept whole and tried again at each refresh."
"""Said of a delivery that was held though it broke no rule: `land` looks for these words and tries it again."""

HOME_ERRNOS = frozenset(
    {
        *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO),
        *(errno.EMFILE, errno.ENFILE, errno.EACCES, errno.EPERM, errno.ENOENT),
    }
)
"""No room, no right to write, a failing disk, too many open files, a file of the home that is gone."""

HOME_SIGNS = (
    *("No space left", "File too large", "Disk quota", "Read-only file system", "Input/output error"),
    *("Too many open files", "Permission denied", "ould not write", "temp_directory", "lock on file"),
)
"""The same in the words of DuckDB, whose errors carry no number."""


def concerns_home(error: Exception) -> bool:
    """Whether every other delivery would meet the same error."""
    if isinstance(error, duckdb.OperationalError):
        return any(sign in str(error) for sign in HOME_SIGNS)
    if isinstance(error, duckdb.FatalException | duckdb.InternalException | duckdb.InterruptException):
        return True  # DuckDB closes the database after the first two, and a person asked for the third.
    return isinstance(error, OSError) and error.errno in HOME_ERRNOS


@contextmanager
def during(step: str) -> Iterator[None]:
    """Turns whatever fails inside into Held, naming the step; what concerns the home goes on up as it is.

    The reason names the kind of error alone: its message may hold a row's value.
    """
    try:
        yield
    except Held:
        raise
    except Exception as error:
        if concerns_home(error):
            raise
        raise Held(_reason(error, step)) from error


def _reason(error: Exception, step: str) -> str:
    kind = type(error).__name__
    if isinstance(error, MemoryError | duckdb.OutOfMemoryException):
        return (
            f"It needs more memory than the warehouse may use: it failed while it was {step} ({kind}). {TRIED_AGAIN}"
            " Raise SRP_MEMORY_LIMIT, or ask the partner for smaller files."
        )
    if isinstance(error, duckdb.DataError):
        return f"Its rows could not be judged ({kind}). Check its values against the contract, and resend."
    return (
        f"It breaks no rule that is known: the warehouse failed while it was {step} ({kind})."
        f" This is a fault of the warehouse: report it, with this message. {TRIED_AGAIN}"
    )
