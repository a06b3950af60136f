"""What a refresh promises beyond its figures: nothing half-done, nothing twice, every past again."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from dagster_srp.cli import app
from dagster_srp.gates import Verdict
from dagster_srp.home import AnotherRefresh, Home
from dagster_srp.refresh import GateRefused, Refresh
from dagster_srp.release import read_manifest
from dagster_srp.release.rebuild import rebuild
from dagster_srp.settings import child_environment
from tests.refresh.conftest import refresh, settings_of

HEADER = (
    "Crime Reference,Recorded Date,Committed From,Committed To,HO Offence Code,Dwelling,Tags,Hate Strands,LA Code,"
    "Ward Code,LSOA Code,Complainant Ref,Complainant Forename,Complainant Surname,Complainant DOB,Complainant Address,"
    "Complainant Postcode,Suspect Refs"
)


def tables(home: Home, release_id: str | None = None) -> dict[str, str]:
    folder = home.releases / release_id if release_id else home.released
    return {t.table: t.content for t in read_manifest(folder / "manifest.json").tables}


def values(home: Home, where: str) -> dict[str, float]:
    with duckdb.connect(str(home.released / "srp.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            "select indicator_id || ' ' || period_type || ' ' || period_start::varchar || ' ' || area_type, value"
            f" from marts.indicator_values where {where}"
        ).fetchall()
    return {str(name): value for name, value in rows}


def crimes(home: Home, *rows: str, day: str = "20260101") -> None:
    folder = home.inbox / "syp_crimes"
    folder.mkdir(exist_ok=True)
    (folder / f"syp_crimes_{day}.csv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")


def a_crime(number: int, recorded: str, code: str = "57/14", committed: str | None = None) -> str:
    return f"SYP/99/{number:06d},{recorded},{committed or recorded},,{code},N,,,E08000018,,,,,,,,,"


def test_with_nothing_new_the_current_release_stands(own_home: Home) -> None:
    assert refresh(own_home.root).release is None


def test_a_new_crime_moves_the_figures_of_its_day_and_no_others(own_home: Home) -> None:
    before = values(own_home, "area_type in ('csp', 'force') and indicator_id not like 'street%'")
    crimes(own_home, a_crime(1, "15/07/2016"))
    refresh(own_home.root)
    after = values(own_home, "area_type in ('csp', 'force') and indicator_id not like 'street%'")
    moved = {name for name in before if after[name] != before[name] and " year " in name}
    assert moved == {
        "all_crime_rotherham year 2016-04-01 csp",
        "all_crime_force year 2016-04-01 force",
        "criminal_damage year 2016-04-01 csp",
        "criminal_damage year 2016-04-01 force",
    }


def test_a_crime_recorded_after_its_year_counts_in_each_year_by_its_basis(own_home: Home) -> None:
    where = "indicator_id like 'violence_against_the_person%' and period_type = 'year' and area_type = 'csp'"
    before = values(own_home, where)
    crimes(own_home, a_crime(1, "02/04/2016", code="8/06", committed="30/03/2016"))
    refresh(own_home.root)
    after = values(own_home, where)
    assert {name: after[name] - before[name] for name in before if after[name] != before[name]} == {
        "violence_against_the_person year 2016-04-01 csp": 1.0,
        "violence_against_the_person_committed year 2015-04-01 csp": 1.0,
    }


def test_the_parts_of_every_change_add_up(own_home: Home) -> None:
    crimes(own_home, a_crime(1, "15/07/2016"), a_crime(2, "16/07/2016"))
    refresh(own_home.root)
    crimes(own_home, a_crime(1, "15/07/2016", code="8/06"), day="20260201")
    refresh(own_home.root)
    with duckdb.connect(str(own_home.released / "srp.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            "select count(*), max(abs(change - rows_added - rows_restated - rows_withdrawn - definition_changed"
            " - code_changed - lookups_changed)), max(abs(lookups_changed)) from marts.indicator_vintages where change <> 0"
        ).fetchall()
    assert rows[0][0] > 0 and rows[0][1] < 1e-9 and rows[0][2] < 1e-9


def test_a_restated_crime_moves_its_figure_as_restated(own_home: Home) -> None:
    crimes(own_home, a_crime(1, "15/07/2016"))
    refresh(own_home.root)
    crimes(own_home, a_crime(1, "15/07/2016", code="8/06"), day="20260201")
    refresh(own_home.root)
    with duckdb.connect(str(own_home.released / "srp.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            "select change, rows_added, rows_restated from marts.indicator_vintages where indicator_id ="
            " 'criminal_damage' and period_type = 'year' and area_type = 'csp' and release_id = 'r0003'"
        ).fetchall()
    assert rows == [(-1.0, 0.0, -1.0)]


def test_additions_one_by_one_equal_one_full_build(own_home: Home, tmp_path: Path) -> None:
    crimes(own_home, a_crime(1, "15/07/2016"), a_crime(2, "16/07/2018", committed="01/01/2016"))
    refresh(own_home.root)
    crimes(own_home, a_crime(2, "16/08/2018", code="8/06", committed="01/02/2017"), day="20260201")
    refresh(own_home.root)
    added = tables(own_home)
    shutil.rmtree(own_home.warehouse)
    own_home.warehouse.mkdir()
    own_home.released.unlink()
    refresh(own_home.root)
    assert tables(own_home) == added


def test_an_as_at_release_never_becomes_current(own_home: Home) -> None:
    done = Refresh(settings_of(own_home.root), dt.datetime(2017, 4, 30)).run()
    assert (done.current, done.release.as_at if done.release else None) == ("r0001", "2017-04-30T00:00:00")


def test_as_at_does_not_know_what_came_later(own_home: Home) -> None:
    Refresh(settings_of(own_home.root), dt.datetime(2017, 4, 30)).run()
    path = own_home.releases / "r0002" / "srp.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        assert connection.execute(
            "select max(recorded_date) <= date '2017-04-30' from marts.fct_crime"
        ).fetchone() == (True,)


@pytest.mark.parametrize(
    "environment", [{"SRP_THREADS": "1", "TZ": "Pacific/Auckland"}, {"SRP_THREADS": "8", "TZ": "UTC"}]
)
def test_a_release_rebuilds_equal_on_another_machine(small_home: Home, environment: dict[str, str]) -> None:
    assert [
        t.table for t in rebuild(small_home, "r0001", environment=environment).tables if not t.is_equal
    ] == []


def test_a_changed_byte_of_the_archive_is_found_by_a_rebuild(own_home: Home) -> None:
    receipt = next((own_home.archive / "deliveries" / "marac_cases").glob("*.json"))
    path = own_home.archive / "objects" / receipt.stem[:2] / receipt.stem
    path.chmod(0o600)
    path.write_bytes(path.read_bytes().rsplit(b"\n", 2)[0] + b"\n")
    assert not rebuild(own_home, "r0001").is_equal


def test_a_refused_candidate_leaves_the_current_release(
    own_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    crimes(own_home, a_crime(1, "15/07/2016"))
    monkeypatch.setattr("dagster_srp.refresh.judge", _refusing)
    with pytest.raises(GateRefused):
        refresh(own_home.root)
    assert own_home.released.readlink().name == "r0001"


def test_a_refresh_after_a_refusal_releases_what_was_refused(
    own_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    crimes(own_home, a_crime(1, "15/07/2016"))
    with monkeypatch.context() as patched, pytest.raises(GateRefused):
        patched.setattr("dagster_srp.refresh.judge", _refusing)
        refresh(own_home.root)
    assert refresh(own_home.root).current == "r0002"


def test_a_second_refresh_is_refused_while_one_runs(own_home: Home) -> None:
    with own_home.lock(), pytest.raises(AnotherRefresh):
        _in_a_child(own_home)


@pytest.mark.parametrize(
    "step", ["gate_landing", "build_staging", "build_marts", "gate_candidate", "_revisions", "_switch"]
)
def test_a_kill_at_any_step_leaves_the_release_and_loses_nothing(own_home: Home, step: str) -> None:
    crimes(own_home, a_crime(1, "15/07/2016"))
    _killed_at(own_home, step)
    assert own_home.released.readlink().name == "r0001"
    assert refresh(own_home.root).release is not None


def test_a_held_delivery_alone_exits_with_1(own_home: Home) -> None:
    (own_home.inbox / "syp_crimes").mkdir(exist_ok=True)
    (own_home.inbox / "syp_crimes" / "syp_crimes_20260301.csv").write_text(
        "Wrong,Header\n1,2\n", encoding="utf-8"
    )
    assert _exit_code(own_home, "refresh") == 1


def test_an_unknown_indicator_exits_with_2(small_home: Home) -> None:
    with pytest.raises(LookupError):
        CliRunner().invoke(
            app, ["explain", "nothing"], env={"SRP_HOME": str(small_home.root)}, catch_exceptions=False
        )


def test_a_running_refresh_exits_with_3(own_home: Home) -> None:
    with own_home.lock():
        assert _exit_code(own_home, "refresh") == 3


def _refusing(*_: Any, **__: Any) -> list[Verdict]:
    return [Verdict("candidate", "marts.t", "broken", "critical", False, "broken on purpose", 1, 1)]


def _exit_code(home: Home, *words: str) -> int:
    environment = child_environment({"SRP_HOME": str(home.root), "SRP_SETTLE_SECONDS": "0"})
    return subprocess.run(
        [sys.executable, "-m", "dagster_srp.cli", *words], env=environment, capture_output=True
    ).returncode


def _in_a_child(home: Home) -> None:
    if _exit_code(home, "refresh") == 3:
        raise AnotherRefresh


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
