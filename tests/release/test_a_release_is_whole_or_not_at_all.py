"""Publishing: a reader sees the old release or the new one, and never less."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import pytest
from sqlalchemy import create_engine, text

from dagster_srp.duck import Engine
from dagster_srp.home import Home
from dagster_srp.release import (
    Manifest,
    current_release_id,
    fingerprints,
    next_release_id,
    prune,
    publish,
    read_manifest,
)
from dagster_srp.release.publish import StaleLog

VALUES = """
create table marts.indicator_values as
select 'crimes' as indicator_id, 'year' as period_type, date '2016-04-01' as period_start, date '2017-03-31' as period_end,
    'csp' as area_type, 'E22000261' as area_code, 'none' as breakdown_type, 'all' as breakdown,
    {value}::double as numerator, null::double as denominator, {value}::double as value, 'count' as unit,
    'final' as maturity, 'r0001' as release_id
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.make(demo=True)
    return home


def candidate(home: Home, value: int = 1) -> Path:
    path = home.workplace.candidate
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        connection.execute(VALUES.format(value=value))
    return path


def manifest(home: Home) -> Manifest:
    return Manifest(
        release_id=next_release_id(home),
        made_at="2026-11-21T00:00:00+00:00",
        as_at=None,
        known_at="2025-10-30T00:00:00",
        is_demo=True,
        build_fingerprint="b",
        code_fingerprint="c",
        definitions_fingerprint="d",
        code_commit=None,
        code_is_modified=False,
        versions={},
        dbt={},
        gates={},
        warnings=[],
    )


def released(home: Home, value: int = 1) -> Manifest:
    return publish(home, candidate(home, value), manifest(home), engine=Engine(), switch=True)


def test_the_first_release_becomes_current(home: Home) -> None:
    released(home)
    assert current_release_id(home) == "r0001"


def test_the_released_file_opens_through_the_link_read_only(home: Home) -> None:
    released(home, value=7)
    with duckdb.connect(str(home.released / "srp.duckdb"), read_only=True) as connection:
        assert connection.execute("select value from marts.indicator_values").fetchone() == (7.0,)


def test_the_released_file_opens_over_sqlalchemy(home: Home) -> None:
    released(home, value=7)
    url = f"duckdb:///{home.released / 'srp.duckdb'}"
    with create_engine(url, connect_args={"read_only": True}).connect() as connection:
        assert connection.execute(text("select value from marts.indicator_values")).scalar() == 7.0


def test_a_release_kept_back_does_not_become_current(home: Home) -> None:
    released(home)
    publish(home, candidate(home, 2), manifest(home), engine=Engine(), switch=False)
    assert current_release_id(home) == "r0001"


def test_a_number_is_never_used_again(home: Home) -> None:
    for value in range(4):
        released(home, value)
    prune(home, keep=1)
    assert next_release_id(home) == "r0005"


def test_pruning_keeps_the_last_releases(home: Home) -> None:
    for value in range(4):
        released(home, value)
    assert prune(home, keep=2) == ["r0001", "r0002"]


def test_a_pruned_release_keeps_its_manifest(home: Home) -> None:
    for value in range(2):
        released(home, value)
    prune(home, keep=1)
    assert read_manifest(home.releases / "r0001" / "manifest.json").release_id == "r0001"


def test_the_current_release_is_never_pruned(home: Home) -> None:
    released(home)
    publish(home, candidate(home, 2), manifest(home), engine=Engine(), switch=False)
    publish(home, candidate(home, 3), manifest(home), engine=Engine(), switch=False)
    prune(home, keep=1)
    assert (home.released / "srp.duckdb").exists()


def test_a_log_beside_the_candidate_refuses(home: Home) -> None:
    path = candidate(home)
    path.with_name("srp.duckdb.wal").write_bytes(b"old log")
    with pytest.raises(StaleLog):
        publish(home, path, manifest(home), engine=Engine(), switch=True)


def test_a_broken_off_publication_leaves_the_current_release(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    released(home)
    monkeypatch.setattr(sys.modules["dagster_srp.release.publish"], "_flush", _fail)
    with pytest.raises(OSError, match="no room"):
        released(home, 2)
    assert current_release_id(home) == "r0001"


def test_a_release_cannot_be_written_to(home: Home) -> None:
    released(home)
    assert (home.released / "srp.duckdb").stat().st_mode & 0o777 == 0o400


def test_the_manifest_tells_the_candidates_tables(home: Home) -> None:
    assert [(table.table, table.rows) for table in released(home).tables] == [("indicator_values", 1)]


def test_the_manifest_of_the_folder_is_the_one_that_was_given_back(home: Home) -> None:
    assert released(home) == read_manifest(home.released / "manifest.json")


def test_the_release_table_holds_the_manifest(home: Home) -> None:
    released(home)
    with duckdb.connect(str(home.released / "srp.duckdb"), read_only=True) as connection:
        query = "select value from marts.release where section = 'release' and name = 'is_demo'"
        assert connection.execute(query).fetchone() == ("True",)


def test_a_figure_that_did_not_move_has_one_vintage(home: Home) -> None:
    released(home)
    released(home)
    assert _vintages(home) == [("r0001", 1.0)]


def test_a_figure_that_moved_has_a_vintage_for_each_value(home: Home) -> None:
    released(home, 1)
    released(home, 2)
    assert _vintages(home) == [("r0001", 1.0), ("r0002", 2.0)]


def test_the_vintages_of_a_release_before_are_taken_over(home: Home) -> None:
    for value in (1, 2, 2):
        released(home, value)
    for told in home.releases.glob("r*/indicator_values.parquet"):
        told.unlink()
    released(home, 3)
    assert _vintages(home) == [("r0001", 1.0), ("r0002", 2.0), ("r0004", 3.0)]


def test_the_vintages_of_releases_without_data_come_from_the_values_they_left(home: Home) -> None:
    for value in (1, 2, 2):
        released(home, value)
    for data in home.releases.glob("r*/srp.duckdb"):
        data.unlink()
    released(home, 3)
    assert _vintages(home) == [("r0001", 1.0), ("r0002", 2.0), ("r0004", 3.0)]


def test_the_vintages_are_told_anew_where_a_release_before_had_other_columns(home: Home) -> None:
    released(home, 1)
    released(home, 2)
    data = home.releases / "r0002" / "srp.duckdb"
    data.chmod(0o644)
    with duckdb.connect(str(data)) as connection:
        connection.execute("alter table marts.indicator_vintages drop column lookups_changed")
    (home.releases / "r0001" / "srp.duckdb").unlink()
    released(home, 3)
    assert _vintages(home) == [("r0001", 1.0), ("r0002", 2.0), ("r0003", 3.0)]


def test_a_ward_leaves_no_value_behind_its_release(home: Home) -> None:
    path = candidate(home)
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "insert into marts.indicator_values select * replace ('ward' as area_type) from marts.indicator_values"
        )
    publish(home, path, manifest(home), engine=Engine(), switch=True)
    left = duckdb.read_parquet(str(home.releases / "r0001" / "indicator_values.parquet"))
    assert {row[0] for row in left.project("area_type").fetchall()} == {"csp"}


def test_equal_rows_in_another_order_have_equal_fingerprints(tmp_path: Path) -> None:
    assert _fingerprint(tmp_path / "a", "values (1, 'x'), (2, 'y')") == _fingerprint(
        tmp_path / "b", "values (2, 'y'), (1, 'x')"
    )


def test_a_repeated_row_counts_in_the_fingerprint(tmp_path: Path) -> None:
    assert _fingerprint(tmp_path / "a", "values (1, 'x'), (1, 'x')") != _fingerprint(
        tmp_path / "b", "values (2, 'y'), (2, 'y')"
    )


def _fail(path: Path) -> None:
    raise OSError("no room")


def _vintages(home: Home) -> list[tuple[str, float]]:
    with duckdb.connect(str(home.released / "srp.duckdb"), read_only=True) as connection:
        return connection.execute(
            "select release_id, value from marts.indicator_vintages order by 1"
        ).fetchall()


def _fingerprint(path: Path, rows: str) -> str:
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"create schema marts; create table marts.t as select * from ({rows}) as t (n, s)")
        return fingerprints(connection)[0].content
