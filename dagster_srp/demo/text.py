"""Text columns made from integer columns, whole columns at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dagster_srp.demo.days import Ints


def labels(values: Sequence[str | None] | pa.Array, places: Ints) -> pa.Array:
    """The value at each place; a negative place stays empty."""
    table = values if isinstance(values, pa.Array) else pa.array(values, pa.string())
    absent = places < 0
    return table.take(pa.array(np.where(absent, 0, places).astype(np.int32), mask=absent))


def numbered(prefix: str | pa.Array, numbers: Ints, width: int) -> pa.Array:
    """A prefix and a number filled up with noughts; a negative number stays empty."""
    absent = numbers < 0
    digits = pa.array(np.where(absent, 0, numbers).astype(np.int64), mask=absent).cast(pa.string())
    return pc.binary_join_element_wise(prefix, pc.utf8_lpad(digits, width, "0"), "")


def marks(names: Sequence[str]) -> list[str | None]:
    """For each set of bits, the names of the bits that are set, joined with `;`; nothing for no bit."""
    return [
        ";".join(name for bit, name in enumerate(names) if value >> bit & 1) or None
        for value in range(1 << len(names))
    ]


def listed(first: pa.Array, second: pa.Array) -> pa.Array:
    """Two values joined with `;`, one of them alone, or nothing."""
    return pc.coalesce(pc.binary_join_element_wise(first, second, ";"), first, second)


def replaced(column: pa.Array, where: Ints, value: str) -> pa.Array:
    """The column with one value put where a mask says."""
    return pc.if_else(pa.array(where), pa.scalar(value), column) if where.any() else column
