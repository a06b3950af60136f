"""Why a whole delivery is held."""

from __future__ import annotations

from dagster_srp.contracts import Contract


class Held(Exception):
    """The delivery cannot be taken in; `reasons` say what, where, which rule, and what to do next."""

    def __init__(self, *reasons: str) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = list(reasons)


class WrongHeader(Held):
    """The header is not that of the contract's version; another version's may be."""


def without_header(contract: Contract) -> str:
    """Why a file of no bytes is held, and what to send."""
    instead = ", or its header alone where nothing happened" if contract.may_be_empty else " with its rows"
    return f"The file is empty: it has not even a header. Resend it{instead}."


def without_rows(contract: Contract) -> str:
    """Why a header alone is held where a delivery replaces what came before it, and what to send."""
    replaced = "all rows" if contract.restates_by == "snapshot" else "a month's rows"
    return (
        f"It has a header and no rows, and a delivery of {contract.feed} replaces {replaced} of those before it: taken in,"
        " it would leave nothing. What came before stays in use. Resend it with its rows."
    )
