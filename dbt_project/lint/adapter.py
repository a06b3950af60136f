"""Stands in for dbt's `adapter` when SQLFluff renders a model: a dispatched macro becomes a plain function call.

A macro that stands for a whole query or for a relation becomes one, so that the CTE it reads counts as read.
"""

from collections.abc import Callable


def dispatch(name: str, package: str | None = None) -> Callable[..., str]:
    """The macro as a call of a function of its name."""

    def call(*arguments: object) -> str:
        if name == "integers_to":
            return f"select 0 as n where 0 <= {arguments[0]}"
        if name == "wide_to_long":
            return f"{arguments[0]} as long"
        return f"{name}({', '.join(str(argument) for argument in arguments)})"

    return call
