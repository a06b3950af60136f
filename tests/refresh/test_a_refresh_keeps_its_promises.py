"""What a refresh promises beyond its figures: nothing half-done, nothing twice, every past again."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from dagster_srp.building import Dbt, DbtFailed, dbt_environment
from dagster_srp.cli import app
from dagster_srp.duck import Engine
from dagster_srp.gates import Answer, Verdict
from dagster_srp.home import AnotherRefresh, Home
from dagster_srp.refresh import GateRefused, Refresh
from dagster_srp.release.rebuild import rebuild
from dagster_srp.settings import child_environment
from tests.refresh.conftest import refresh, settings_of

HEADER = (
    "Crime Reference,Recorded Date,Committed From,Committed To,HO Offence Code,Dwelling,Tags,Hate Strands,LA Code,"
    "Ward Code,LSOA Code,Complainant Ref,Complainant Forename,Complainant Surname,Complainant DOB,Complainant Address,"
    "Complainant Postcode,Suspect Refs"
)


def crimes(home: Home, *rows: str, day: str = "20260101") -> None:
    folder = home.inbox / "syp_crimes"
    folder.mkdir(exist_ok=True)
    (folder / f"syp_crimes_{day}.csv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")


def a_crime(number: int, recorded: str, code: str = "57/14", committed: str | None = None) -> str:
    return f"SYP/99/{number:06d},{recorded},{committed or recorded},,{code},N,,,E08000018,,,,,,,,,"


def a_burglary(number: int, day: str) -> str:
    return (
        f"SYP/99/{number:06d},{day},{day},,28/01,Y,,,E08000018,,,"
        "P1,Maren,Holt,01/02/1980,1 Example Street,ZZ1 1AA,"
    )


def test_with_nothing_new_the_current_release_stands(own_home: Home) -> None:
    assert refresh(own_home.root).release is None


def test_a_refreshed_home_is_its_owners_alone(small_home: Home) -> None:
    rooms = (small_home.root, small_home.archive, small_home.warehouse, small_home.releases)
    inside = [path for path in small_home.releases.rglob("*") if not path.is_symlink()]
    files = [path for path in small_home.warehouse.rglob("*") if path.is_file()]
    assert [str(path) for path in (*rooms, *inside, *files) if path.stat().st_mode & 0o077] == []


@pytest.fixture(scope="session")
def revised_home(tmp_path_factory: pytest.TempPathFactory, small_home: Home) -> Home:
    """Two more releases: r0002 adds two crimes, and r0003 restates one of them."""
    root = tmp_path_factory.mktemp("revised") / "home"
    shutil.copytree(small_home.root, root, symlinks=True)
    home = Home(root)
    crimes(home, a_crime(1, "15/07/2016"), a_crime(2, "02/04/2016", code="8/06", committed="30/03/2016"))
    refresh(root)
    crimes(home, a_crime(1, "15/07/2016", code="8/06"), day="20260201")
    refresh(root)
    return home


def moved(home: Home, release_id: str, period_type: str) -> dict[tuple[str, str, str], float]:
    """How far each figure moved in a release, by indicator, year and area."""
    with duckdb.connect(str(home.released / "srp.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            "select indicator_id, left(period_start::varchar, 4), area_type, change from marts.indicator_vintages"
            " where release_id = ? and period_type = ? and change <> 0",
            [release_id, period_type],
        ).fetchall()
    return {(indicator, year, area): change for indicator, year, area, change in rows}


def test_new_crimes_move_the_figures_of_their_days_and_no_others(revised_home: Home) -> None:
    figures = moved(revised_home, "r0002", "year")
    assert {figure for figure in figures if "per_1000" in figure[0]} == {
        ("all_crime_per_1000_residents", "2016", "csp"),
        ("all_crime_per_1000_residents", "2016", "force"),
    }
    assert {figure: change for figure, change in figures.items() if "per_1000" not in figure[0]} == {
        ("all_crime_force", "2016", "force"): 2.0,
        ("all_crime_rotherham", "2016", "csp"): 2.0,
        ("criminal_damage", "2016", "csp"): 1.0,
        ("criminal_damage", "2016", "force"): 1.0,
        ("violence_against_the_person", "2016", "csp"): 1.0,
        ("violence_against_the_person", "2016", "force"): 1.0,
        ("violence_against_the_person_committed", "2015", "csp"): 1.0,
        ("violence_against_the_person_committed", "2015", "force"): 1.0,
        ("violence_with_injury", "2016", "csp"): 1.0,
        ("violence_with_injury", "2016", "force"): 1.0,
    }


def test_a_restated_offence_leaves_one_group_and_enters_the_other(revised_home: Home) -> None:
    figures = {
        name: change
        for (name, year, area), change in moved(revised_home, "r0003", "year").items()
        if area == "csp"
    }
    assert figures == {
        "criminal_damage": -1.0,
        "violence_against_the_person": 1.0,
        "violence_against_the_person_committed": 1.0,
        "violence_with_injury": 1.0,
    }


def test_the_parts_of_every_change_add_up(revised_home: Home) -> None:
    with duckdb.connect(str(revised_home.released / "srp.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            "select count(*) > 0, max(abs(change - rows_added - rows_restated - rows_withdrawn - definition_changed"
            " - code_changed - lookups_changed)) < 1e-9, max(abs(lookups_changed)) < 1e-9"
            " from marts.indicator_vintages where change <> 0"
        ).fetchall()
    assert rows == [(True, True, True)]


def test_added_and_restated_rows_are_told_apart(revised_home: Home) -> None:
    with duckdb.connect(str(revised_home.released / "srp.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            "select release_id, rows_added, rows_restated from marts.indicator_vintages where indicator_id ="
            " 'criminal_damage' and period_type = 'year' and area_type = 'csp' and change <> 0 order by 1"
        ).fetchall()
    assert rows == [("r0002", 1.0, 0.0), ("r0003", 0.0, -1.0)]


def test_a_new_repeat_is_of_added_rows_though_the_first_crime_did_not_change(own_home: Home) -> None:
    crimes(own_home, a_burglary(1, "15/07/2016"))
    refresh(own_home.root)
    crimes(own_home, a_burglary(2, "15/08/2016"), day="20260201")
    refresh(own_home.root)
    with duckdb.connect(str(own_home.released / "srp.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            "select release_id, change, rows_added, lookups_changed from marts.indicator_vintages where indicator_id ="
            " 'residential_burglary_repeat_victims' and period_type = 'year' and area_type = 'csp' and change <> 0"
        ).fetchall()
    assert rows == [("r0003", 1.0, 1.0, 0.0)]


def test_two_releases_apart_are_compared_by_the_sum_of_the_steps_between(revised_home: Home) -> None:
    words = [
        "vintages",
        "violence_with_injury",
        "--period-type",
        "year",
        "--between",
        "r0001",
        "r0003",
        "--json",
    ]
    done = CliRunner().invoke(app, words, env={"SRP_HOME": str(revised_home.root)}, catch_exceptions=False)
    told = [(row["change"], row["rows_added"], row["rows_restated"]) for row in json.loads(done.stdout)]
    assert told == [(2.0, 1.0, 1.0), (2.0, 1.0, 1.0)]


@pytest.mark.parametrize(
    "environment", [{"SRP_THREADS": "1", "TZ": "Pacific/Auckland"}, {"SRP_THREADS": "8", "TZ": "UTC"}]
)
def test_a_release_made_step_by_step_rebuilds_equal(revised_home: Home, environment: dict[str, str]) -> None:
    rebuilt = rebuild(revised_home, "r0003", environment=environment)
    assert [t.table for t in rebuilt.tables if not t.is_equal] == []


@pytest.fixture(scope="session")
def as_at_home(tmp_path_factory: pytest.TempPathFactory, small_home: Home) -> Home:
    """A home with a release as at 30 April 2017 beside its current one."""
    root = tmp_path_factory.mktemp("as_at") / "home"
    shutil.copytree(small_home.root, root, symlinks=True)
    Refresh(settings_of(root), dt.datetime(2017, 4, 30)).run()
    return Home(root)


def test_an_as_at_release_never_becomes_current(as_at_home: Home) -> None:
    assert as_at_home.released.readlink().name == "r0001"


def test_as_at_does_not_know_what_came_later(as_at_home: Home) -> None:
    path = as_at_home.releases / "r0002" / "srp.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        latest = connection.execute("select max(recorded_date) from marts.fct_crime").fetchone()
    assert latest is not None and dt.date(2017, 3, 1) < latest[0] <= dt.date(2017, 4, 30)


def test_a_refused_candidate_leaves_the_current_release(
    own_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    crimes(own_home, a_crime(1, "15/07/2016"))
    monkeypatch.setattr("dagster_srp.refresh.ask", _refusing)
    with pytest.raises(GateRefused):
        refresh(own_home.root)
    assert own_home.released.readlink().name == "r0001"


DOUBLED = "insert into marts.fct_crime from marts.fct_crime where {} limit 1"
MISPLACED = "update marts.fct_crime set ward_code = 'E05999999' where {}"
DAMAGE = [
    (DOUBLED, "unique_key", "unique_key_fct_crime"),
    (MISPLACED, "relationships", "fct_crime_ward_code"),
]


@pytest.mark.parametrize(("damage", "test", "failed"), DAMAGE)
def test_a_damaged_crime_of_a_whole_build_fails_its_test(
    own_home: Home, damage: str, test: str, failed: str
) -> None:
    _damage(own_home, damage.format("true"))
    with pytest.raises(DbtFailed, match=failed):
        _test_crimes(own_home, test)


@pytest.mark.parametrize(("damage", "test", "failed"), DAMAGE)
def test_a_damaged_crime_of_an_added_build_fails_its_test(
    revised_home: Home, tmp_path: Path, damage: str, test: str, failed: str
) -> None:
    home = _copied(revised_home, tmp_path)
    _damage(home, damage.format("crime_ref = 'SYP/99/000001'"))
    with pytest.raises(DbtFailed, match=failed):
        _test_crimes(home, test)


def test_a_build_with_nothing_new_is_judged_at_every_gate(revised_home: Home, tmp_path: Path) -> None:
    home = _copied(revised_home, tmp_path)
    home.released.unlink()
    home.released.symlink_to(Path("releases") / "r0001")
    again = Refresh(settings_of(home.root))
    again.run()
    assert {verdict.gate for verdict in again.verdicts} == {"landing", "staging", "candidate"}


def test_figures_are_explained_since_the_last_release_where_the_link_was_turned_back(
    revised_home: Home, tmp_path: Path
) -> None:
    home = _copied(revised_home, tmp_path)
    home.released.unlink()
    home.released.symlink_to(Path("releases") / "r0001")
    crimes(home, a_crime(3, "15/07/2016", code="8/06"), day="20260301")
    refresh(home.root)
    with duckdb.connect(str(home.released / "srp.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            "select change, rows_added, lookups_changed from marts.indicator_vintages where release_id = 'r0004'"
            " and indicator_id = 'all_crime_rotherham' and period_type = 'year' and change <> 0"
        ).fetchall()
    assert rows == [(1.0, 1.0, 0.0)]


def _copied(home: Home, folder: Path) -> Home:
    shutil.copytree(home.root, folder / "home", symlinks=True)
    return Home(folder / "home")


def _damage(home: Home, statement: str) -> None:
    with duckdb.connect(str(home.workplace.candidate)) as connection:
        connection.execute(statement)


def _test_crimes(home: Home, name: str) -> None:
    dbt = Dbt(dbt_environment(home.workplace, Engine(2, "1GB")))
    dbt("test", "--select", f"fct_crime,test_name:{name}")


def test_a_second_refresh_is_refused_while_one_runs(own_home: Home) -> None:
    with own_home.lock(), pytest.raises(AnotherRefresh):
        _in_a_child(own_home)


def test_a_kill_at_any_step_leaves_the_release_and_loses_nothing(own_home: Home) -> None:
    crimes(own_home, a_crime(1, "15/07/2016"))
    for step in ("gate_landing", "gate_staging", "gate_candidate", "_switch"):
        _killed_at(own_home, step)
        assert own_home.released.readlink().name == "r0001", step
    refresh(own_home.root)
    path = own_home.released / "srp.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        counted = connection.execute(
            "select count(*) from marts.fct_crime where crime_ref = 'SYP/99/000001'"
        ).fetchone()
    assert counted == (1,)


def test_a_held_delivery_alone_exits_with_1(own_home: Home) -> None:
    (own_home.inbox / "syp_crimes").mkdir(exist_ok=True)
    (own_home.inbox / "syp_crimes" / "syp_crimes_20260301.csv").write_text(
        "Wrong,Header\n1,2\n", encoding="utf-8"
    )
    assert _exit_code(own_home, "refresh") == 1


def test_an_unknown_indicator_exits_with_2(small_home: Home) -> None:
    done = CliRunner().invoke(app, ["explain", "nothing"], env={"SRP_HOME": str(small_home.root)})
    assert done.exit_code == 2


def test_a_running_refresh_exits_with_3(own_home: Home) -> None:
    with own_home.lock():
        assert _exit_code(own_home, "refresh") == 3


def _refusing(*_: Any, **__: Any) -> Answer:
    return lambda: [Verdict("candidate", "marts.t", "broken", "critical", False, "broken on purpose", 1, 1)]


def _exit_code(home: Home, *words: str) -> int:
    environment = child_environment({"SRP_HOME": str(home.root), "SRP_SETTLE_SECONDS": "0"})
    return subprocess.run(
        [sys.executable, "-m", "dagster_srp.cli", *words], env=environment, capture_output=True
    ).returncode


def _in_a_child(home: Home) -> None:
    if _exit_code(home, "refresh") == 3:
        raise AnotherRefresh("the child was refused")


def _killed_at(home: Home, step: str) -> None:
    where = "release.publish" if step == "_switch" else "refresh"
    target = "module" if step == "_switch" else "module.Refresh"
    script = (
        f"import os, signal, sys, importlib; module = importlib.import_module('dagster_srp.{where}')\n"
        "from dagster_srp.refresh import Refresh\nfrom dagster_srp.settings import Settings\n"
        f"setattr({target}, {step!r}, lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL))\n"
        "Refresh(Settings()).run()\n"
    ).replace(
        "import_module('dagster_srp.release.publish')",
        "import_module('dagster_srp.release') and sys.modules['dagster_srp.release.publish']",
    )
    environment = child_environment({"SRP_HOME": str(home.root), "SRP_SETTLE_SECONDS": "0"})
    assert (
        subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True).returncode == -9
    )


def test_demo_extracts_dropped_into_a_real_home_stay_in_its_inbox(
    tmp_path: Path, small_extracts: Path
) -> None:
    home = Home(tmp_path / "home")
    home.make(demo=False)
    shutil.copytree(small_extracts / "marac_cases", home.inbox / "marac_cases")
    landed = Refresh(settings_of(home.root)).land()
    assert (landed.deliveries, len(landed.problems)) == (
        [],
        len(list((home.inbox / "marac_cases").iterdir())),
    )


def test_every_unit_test_of_the_models_passes(own_home: Home) -> None:
    outcomes = Dbt(dbt_environment(own_home.workplace, Engine(2, "2GB")))(
        "test", "--select", "test_type:unit"
    )
    assert len(outcomes) > 30 and {o.status for o in outcomes} == {"pass"}
