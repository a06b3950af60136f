"""Writes what the queries of the pages print, from a demo home: `make outputs`.

A query is a fenced block of SQL, or a shell block that begins with `python -c`; the fenced `text` after it is its output.
A test prints every query again on the demo release and compares, so that no output is written by hand.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from dagster_srp.building.code import PROJECT_ROOT
from dagster_srp.duck import open_file

PAGES = ("README.md", "docs/analyst.md")
"""The pages whose outputs are written."""
DEMO_PLACE = "var/demo"
"""Where the pages say that the demo home is."""

_LINES = r"((?:(?!```).*\n)*)"
_QUERY = re.compile(rf"^```(sql|sh)\n{_LINES}```\n\n```text\n{_LINES}```$", re.MULTILINE)


def written(page: str, home: Path) -> str:
    """The page's text with each output as the home's release gives it."""
    with open_file(home / "released" / "srp.duckdb") as connection:

        def again(found: re.Match[str]) -> str:
            language, query, output = found[1], found[2], found[3]
            if language == "sql":
                output = printed(connection, query)
            elif query.startswith("python -c"):
                output = shell_printed(query, home)
            return f"```{language}\n{query}```\n\n```text\n{output}```"

        return _QUERY.sub(again, page)


def printed(connection: duckdb.DuckDBPyConnection, query: str) -> str:
    """A query's rows as a page shows them: names, a rule, then a line a row, numbers to the right."""
    result = connection.execute(query)
    rows = result.fetchall()
    columns = [
        (name, [row[number] for row in rows]) for number, (name, *_) in enumerate(result.description or [])
    ]
    shown = [_column(name, values) for name, values in columns]
    return "".join("  ".join(line).rstrip() + "\n" for line in zip(*shown, strict=True))


def shell_printed(command: str, home: Path) -> str:
    """What a shell block of a page prints where the home is the demo home."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / DEMO_PLACE
        place.parent.mkdir()
        place.symlink_to(home.resolve())
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env={"PATH": path, "PYTHONUTF8": "1"},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=True,
        )
    return done.stdout.rstrip("\n") + "\n"


def _column(name: str, values: Sequence[Any]) -> list[str]:
    cells = [_cell(value) for value in values]
    width = max(len(text) for text in (name, *cells))
    if any(isinstance(value, int | float | Decimal) and not isinstance(value, bool) for value in values):
        return [name.ljust(width), "-" * width, *(text.rjust(width) for text in cells)]
    return [name.ljust(width), "-" * width, *(text.ljust(width) for text in cells)]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.12g}"
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    return str(value)


def write(home: Path, root: Path = PROJECT_ROOT) -> list[Path]:
    """Writes every page whose outputs differ, and gives those."""
    changed = []
    for name in PAGES:
        path = root / name
        before = path.read_text(encoding="utf-8")
        after = written(before, home)
        if after != before:
            path.write_text(after, encoding="utf-8")
            changed.append(path)
    return changed


if __name__ == "__main__":
    for changed_path in write(Path(sys.argv[1])):
        print(changed_path)
