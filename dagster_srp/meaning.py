"""Fingerprints of meaning: what changes with anything that could change a row, and with no prose.

Comments, docstrings, descriptions, blank lines and the layout of code are left out. Landing keeps such a fingerprint
with each delivery, and the build with each release: what has changed is landed or built again, and nothing else is.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

PROSE = frozenset({"description", "docs", "meta", "exposures"})
"""Keys of dbt's YAML that say something to people and change no table."""

# A quoted text is kept as it is; comments and runs of blanks outside one mean nothing.
SQL_TOKENS = re.compile(
    r"""(?P<text>'(?:[^']|'')*'|"(?:[^"]|"")*")|(?:--[^\n]*|/\*.*?\*/|\{\#.*?\#\}|\s)+""",
    re.DOTALL,
)


def fingerprint_of(root: Path, paths: Iterable[Path]) -> str:
    """The sha256 of what files under `root` mean, whatever the order that they are given in."""
    found = hashlib.sha256()
    for path in sorted(set(paths)):
        found.update(f"{path.relative_to(root).as_posix()}\0{meaning_of(path)}\0".encode())
    return found.hexdigest()


def meaning_of(path: Path) -> str:
    """What a file of code or definitions means, as text: by the kind that its suffix names."""
    found = path.stat()
    return _meaning(path, found.st_mtime_ns, found.st_size)


@functools.lru_cache(maxsize=4096)
def _meaning(path: Path, changed_at: int, size: int) -> str:
    text = path.read_text(encoding="utf-8")
    match path.suffix:
        case ".py":
            return _python(text)
        case ".sql":
            return _sql(text)
        case ".yml" | ".yaml":
            return repr(_without_prose(yaml.load(text, Loader=yaml.CSafeLoader)))
    return text


def imported_files(path: Path, package: Path) -> set[Path]:
    """A Python file and every file of the package that it imports, directly or not."""
    found: set[Path] = set()
    waiting = [path]
    while waiting:
        here = waiting.pop()
        if here in found:
            continue
        found.add(here)
        waiting.extend(_imports(here, package))
    return found


def _imports(path: Path, package: Path) -> Iterator[Path]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            steps = name.split(".")
            if steps[0] == package.name:
                yield from _files_of(package, steps[1:])


def _files_of(package: Path, steps: list[str]) -> Iterator[Path]:
    """The file of a module, and the `__init__` of each package above it."""
    folder = package
    for step in steps:
        if (file := folder / f"{step}.py").exists():
            yield file
        folder /= step
        if (file := folder / "__init__.py").exists():
            yield file


def _python(text: str) -> str:
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            # A text that stands alone is a docstring, or explains the constant above it.
            node.body = [one for one in node.body if not _is_lone_text(one)] or [ast.Pass()]
    return ast.dump(tree)


def _is_lone_text(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _sql(text: str) -> str:
    return SQL_TOKENS.sub(lambda found: found["text"] or " ", text).strip()


def _without_prose(value: Any) -> Any:
    if isinstance(value, dict):
        return [
            (key, _without_prose(inner)) for key, inner in sorted(value.items(), key=str) if key not in PROSE
        ]
    if isinstance(value, list):
        return [_without_prose(inner) for inner in value]
    return value
