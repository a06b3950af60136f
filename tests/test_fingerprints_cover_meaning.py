"""What a fingerprint changes with, and what it does not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dagster_srp.building.code import PROJECT_ROOT, code_version
from dagster_srp.landing.code import LANDS, landing_fingerprint
from dagster_srp.meaning import imported_files, meaning_of

PROSE = {
    "a.py": ('def f():\n    "One."\n    return 1\n', 'def f():\n    """Two."""\n    # why\n\n    return 1\n'),
    "a.sql": ("select 1\nfrom t", "-- said\nselect   1 {# {{ no }} #}\nfrom t  /* said */\n"),
    "a.yml": (
        "a:\n  description: one\n  tests: [x]\n",
        "# said\na:\n  tests:\n    - x\n  description: two\n",
    ),
}
MEANING = {
    "a.py": ("def f():\n    return 1\n", "def f():\n    return 2\n"),
    "a.sql": ("select ' a'", "select '  a'"),
    "a.yml": ("a: {tests: [x]}\n", "a: {tests: [y]}\n"),
    "a.csv": ("a\n1\n", "a\n2\n"),
}


def _meanings(folder: Path, name: str, texts: tuple[str, str]) -> list[str]:
    found = []
    for number, text in enumerate(texts):
        path = folder / str(number) / name
        path.parent.mkdir()
        path.write_text(text, encoding="utf-8")
        found.append(meaning_of(path))
    return found


@pytest.mark.parametrize("name", PROSE)
def test_prose_and_layout_mean_nothing(tmp_path: Path, name: str) -> None:
    before, after = _meanings(tmp_path, name, PROSE[name])
    assert before == after


@pytest.mark.parametrize("name", MEANING)
def test_another_value_is_another_meaning(tmp_path: Path, name: str) -> None:
    before, after = _meanings(tmp_path, name, MEANING[name])
    assert before != after


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of all that a fingerprint looks at."""
    for folder in ("dagster_srp", "dbt_project", "seeds"):
        shutil.copytree(
            PROJECT_ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "target")
        )
    return tmp_path


def test_documentation_is_in_no_fingerprint(checkout: Path) -> None:
    before = code_version(checkout)
    (checkout / "dbt_project" / "models" / "README.md").write_text("Another text.")
    contract = checkout / "dagster_srp" / "contracts" / "syp_crimes.odcs.yaml"
    contract.write_text(contract.read_text() + "\n# A remark.\n")
    assert code_version(checkout).fingerprint == before.fingerprint


@pytest.mark.parametrize(
    ("file", "word", "other"),
    [
        ("dbt_project/macros/dialect.sql", "select", "select distinct"),
        ("seeds/indicators.csv", "crime", "crimes"),
        ("dagster_srp/building/control.py", "'accepted'", "'held'"),
    ],
)
def test_what_could_change_a_figure_is_in_the_fingerprint(
    checkout: Path, file: str, word: str, other: str
) -> None:
    before = code_version(checkout)
    path = checkout / file
    text = path.read_text()
    path.write_text(text.replace(word, other))
    assert word in text and code_version(checkout).fingerprint != before.fingerprint


READS_ALONE = {"landing/messages.py", "landing/reading.py"}
"""Modules of the room that say what has landed, and land nothing."""


def test_landing_is_known_by_everything_that_it_imports() -> None:
    package = PROJECT_ROOT / "dagster_srp"
    files = {
        str(path.relative_to(package))
        for name in LANDS
        for path in imported_files(package / "landing" / name, package)
    }
    every = {f"landing/{path.name}" for path in (package / "landing").glob("*.py")}
    assert files >= every - READS_ALONE | {"contracts/load.py", "contracts/model.py", "duck/engine.py"}


def test_changed_landing_code_is_another_landing_and_changed_models_are_not(checkout: Path) -> None:
    package = checkout / "dagster_srp"
    before = landing_fingerprint.__wrapped__(package)
    model = next((checkout / "dbt_project" / "models").rglob("*.sql"))
    model.write_text("select 1")
    assert landing_fingerprint.__wrapped__(package) == before
    rules = package / "landing" / "rules.py"
    rules.write_text(rules.read_text() + "\nLIMIT = 1\n")
    assert landing_fingerprint.__wrapped__(package) != before
