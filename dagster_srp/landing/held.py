"""Why a whole delivery is held."""

from __future__ import annotations


class Held(Exception):
    """The delivery cannot be taken in; `reasons` say what, where, which rule, and what to do next."""

    def __init__(self, *reasons: str) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = list(reasons)


class WrongHeader(Held):
    """The header is not that of the contract's version; another version's may be."""
