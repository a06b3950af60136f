"""What the dbt project says of its models: descriptions, columns and keys, as plain values.

What belongs here: reading them from dbt's parsed manifest. What does not: where they are shown (release, report).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class TableDocumentation:
    """A table's meaning, its columns' meanings in their order, and its key: empty where no test states one."""

    table: str
    description: str
    columns: Mapping[str, str]
    key: tuple[str, ...] = ()


def tables_of(nodes: Mapping[str, Any], schema: str) -> Iterator[TableDocumentation]:
    """The documentation of every model of a schema, under the name that its table has; `nodes` are the manifest's."""
    keys = dict(keys_of(nodes))
    for node in nodes.values():
        if node.resource_type == "model" and node.schema == schema:
            yield TableDocumentation(
                table=node.alias,
                description=_one_line(node.description),
                columns={column.name: _one_line(column.description) for column in node.columns.values()},
                key=keys.get(node.name, ()),
            )


def keys_of(nodes: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each model's name and its key, as its `unique_key` test states it."""
    for node in nodes.values():
        test = getattr(node, "test_metadata", None)
        if test is not None and test.name == "unique_key":
            yield str(node.attached_node).split(".")[-1], tuple(test.kwargs["columns"])


def _one_line(text: str) -> str:
    return " ".join(text.split())
