"""The project's own `table` materialization does less than dbt's: what it does not do, it refuses."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from dbt.cli.main import dbtRunner

from dagster_srp.building.dbt import PROJECT_DIR

PROJECT = """
name: srp
version: "1.0.0"
profile: srp
macro-paths: ["macros"]
"""
PROFILE = "srp: {target: dev, outputs: {dev: {type: duckdb, path: ':memory:'}}}"


@pytest.mark.parametrize("option", ["persist_docs={'relation': true}", "grants={'select': ['all']}"])
def test_an_option_that_is_not_done_is_refused_by_name(tmp_path: Path, option: str) -> None:
    for folder in ("models", "macros"):
        (tmp_path / folder).mkdir()
    shutil.copy(PROJECT_DIR / "macros" / "materializations" / "table.sql", tmp_path / "macros")
    (tmp_path / "dbt_project.yml").write_text(PROJECT + "flags: {send_anonymous_usage_stats: false}\n")
    (tmp_path / "profiles.yml").write_text(PROFILE)
    (tmp_path / "models" / "asked.sql").write_text(
        "{{ config(materialized='table', " + option + ") }} select 1 as a"
    )
    places = ["--project-dir", str(tmp_path), "--profiles-dir", str(tmp_path)]
    done = dbtRunner().invoke(["run", "--quiet", *places])
    messages = [str(result.message) for result in getattr(done.result, "results", [])]
    assert not done.success
    assert any(option.split("=")[0] in message for message in messages), messages
