"""dbt takes seconds to parse the project, which is the same for every home."""

from __future__ import annotations

from pathlib import Path

from dagster_srp.building import Dbt, dbt_environment
from dagster_srp.building.dbt import project_state
from dagster_srp.duck import Engine
from dagster_srp.home import Workplace


def session(folder: Path) -> Dbt:
    return Dbt(dbt_environment(Workplace(folder / "landing.duckdb", folder), Engine(1, "500MB")))


def test_a_second_home_reads_the_project_that_was_parsed(tmp_path: Path) -> None:
    first, second = session(tmp_path / "a"), session(tmp_path / "b")
    first.read_project()
    second.read_project()
    assert second._manifest is first._manifest


def test_a_changed_file_is_another_state(tmp_path: Path) -> None:
    model = tmp_path / "models" / "a.sql"
    model.parent.mkdir()
    states = []
    for text in ("select 1", "select 12", "select 1"):
        model.write_text(text, encoding="utf-8")
        states.append(project_state(tmp_path))
    model.rename(tmp_path / "models" / "b.sql")
    assert len({*states, project_state(tmp_path)}) == 4
