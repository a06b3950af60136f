"""A decision about a delivery is obeyed from landing to marts, is told beside the figures, and can be turned back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner, Result

from dagster_srp.building import DbtFailed
from dagster_srp.cli import app
from dagster_srp.home import Home
from dagster_srp.release import read_manifest
from dagster_srp.release.rebuild import rebuild
from tests.refresh.conftest import refresh
from tests.refresh.test_a_refresh_keeps_its_promises import a_crime, crimes

FILE = "syp_crimes_20260101.csv"
BECAUSE = "The police withdrew the extract."


def srp(home: Home, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--json"], env={"SRP_HOME": str(home.root)})


def words_of(done: Result) -> str:
    """What was said, whatever the width of the terminal."""
    return " ".join(done.output.split())


def decide(home: Home, verdict: str, because: str = BECAUSE) -> None:
    done = srp(home, "decide", FILE, verdict, "--because", because, "--by", "Data steward")
    assert done.exit_code == 0, done.output


def released(home: Home, release: str, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home.releases / release / "srp.duckdb"), read_only=True) as connection:
        return connection.execute(query).fetchall()


def new_crimes(home: Home, release: str) -> int:
    ((count,),) = released(
        home, release, "select count(*) from marts.fct_crime where crime_ref like 'SYP/99/%'"
    )
    return count


@pytest.fixture(scope="module")
def decided_home(tmp_path_factory: pytest.TempPathFactory, small_home: Home) -> Home:
    """r0002 takes a delivery in, r0003 refuses it, r0004 accepts it again, r0005 refuses it after the warehouse is lost."""
    home = Home(tmp_path_factory.mktemp("decided") / "home")
    shutil.copytree(small_home.root, home.root, symlinks=True)
    crimes(home, a_crime(1, "15/07/2016"), a_crime(2, "20/08/2016"))
    refresh(home.root)
    for verdict in ("refuse", "accept"):
        decide(home, verdict)
        refresh(home.root)
    decide(home, "refuse")
    shutil.rmtree(home.warehouse)
    home.warehouse.mkdir()
    refresh(home.root)
    return home


@pytest.mark.parametrize(("release", "count"), [("r0002", 2), ("r0003", 0), ("r0004", 2)])
def test_a_refused_delivery_leaves_the_marts_and_an_accepted_one_returns(
    decided_home: Home, release: str, count: int
) -> None:
    assert new_crimes(decided_home, release) == count


def test_a_warehouse_made_again_from_the_archive_obeys_the_decision(decided_home: Home) -> None:
    assert new_crimes(decided_home, "r0005") == 0


def test_accepting_again_gives_the_facts_of_before(decided_home: Home) -> None:
    def facts(release: str) -> dict[str, object]:
        manifest = read_manifest(decided_home.releases / release / "manifest.json")
        return {t.table: t for t in manifest.tables if t.table.startswith("fct_")}

    assert facts("r0004") == facts("r0002")


def test_a_decision_is_in_the_manifest_with_who_and_why(decided_home: Home) -> None:
    (told,) = read_manifest(decided_home.releases / "r0003" / "manifest.json").decisions
    assert (told.file_name, told.state, told.by, told.because) == (
        FILE,
        "refused",
        "Data steward",
        [BECAUSE],
    )


def test_a_decision_is_a_caveat_of_the_feeds_figures_over_the_deliverys_months(decided_home: Home) -> None:
    rows = released(
        decided_home,
        "r0003",
        "select period_start::varchar, period_end::varchar, caveat_text from marts.indicator_caveats"
        " where indicator_id = 'all_crime_rotherham' and caveat_id like 'delivery_%'",
    )
    ((start, end, text),) = rows
    assert (start, end) == ("2016-07-01", "2016-08-31") and FILE in text and BECAUSE in text


def test_a_decision_is_no_caveat_of_another_feeds_figures(decided_home: Home) -> None:
    query = "select count(*) from marts.indicator_caveats where indicator_id = 'marac_referrals' and caveat_id like 'delivery_%'"
    assert released(decided_home, "r0003", query) == [(0,)]


def test_a_release_that_obeyed_a_decision_rebuilds_equal(decided_home: Home) -> None:
    assert [t.table for t in rebuild(decided_home, "r0003").tables if not t.is_equal] == []


def test_every_decision_stays_in_the_history(decided_home: Home) -> None:
    told = json.loads(srp(decided_home, "decide", "--history").stdout)
    assert [row["decided"] for row in told] == ["refused", "accepted", "refused"]


@pytest.fixture(scope="module")
def refused_home(
    tmp_path_factory: pytest.TempPathFactory, small_home: Home, small_extracts: Path
) -> tuple[Home, str]:
    """A home to which a lookup came without Doncaster, with a good delivery beside it; and what the refusal says."""
    home = Home(tmp_path_factory.mktemp("refused") / "home")
    shutil.copytree(small_home.root, home.root, symlinks=True)
    (whole,) = (small_extracts / "ons_lad_csp_pfa").iterdir()
    lines = [
        line
        for line in whole.read_text(encoding="utf-8").splitlines(keepends=True)
        if "Doncaster" not in line
    ]
    folder = home.inbox / "ons_lad_csp_pfa"
    folder.mkdir(exist_ok=True)
    (folder / "lookup_2026-01-05.csv").write_text("".join(lines), encoding="utf-8")
    crimes(home, a_crime(1, "15/07/2016"))
    with pytest.raises(DbtFailed) as failed:
        refresh(home.root)
    return home, str(failed.value)


def test_what_dbt_refuses_names_the_delivery_and_the_command(refused_home: tuple[Home, str]) -> None:
    assert (
        "of ons_lad_csp_pfa (lookup_2026-01-05.csv)" in refused_home[1]
        and " refuse --because" in refused_home[1]
    )


def test_what_waits_for_a_decision_is_listed(refused_home: tuple[Home, str]) -> None:
    told = json.loads(srp(refused_home[0], "decide").stdout)
    assert "lookup_2026-01-05.csv" in [row["file_name"] for row in told]


def test_refusing_the_delivery_behind_a_refusal_releases_the_rest(refused_home: tuple[Home, str]) -> None:
    home = refused_home[0]
    done = srp(home, "decide", "lookup_2026-01-05.csv", "refuse", "--because", "Doncaster is missing.")
    assert done.exit_code == 0
    refresh(home.root)
    assert new_crimes(home, "r0002") == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("decide", "nothing", "refuse", "--because", "x"), "lists their numbers"),
        (("decide", "1", "perhaps", "--because", "x"), "accept or refuse"),
        (("decide", "1", "refuse"), "needs its reason"),
    ],
)
def test_a_decision_that_cannot_be_taken_says_what_to_do(
    small_home: Home, words: tuple[str, ...], told: str
) -> None:
    assert told in words_of(srp(small_home, *words))


@pytest.fixture
def with_held(own_home: Home) -> Callable[[], Result]:
    """A home with a held delivery, and the attempt to accept it."""
    folder = own_home.inbox / "syp_crimes"
    folder.mkdir(exist_ok=True)
    (folder / "syp_crimes_20260301.csv").write_text("Wrong,Header\n1,2\n", encoding="utf-8")
    refresh(own_home.root)
    return lambda: srp(own_home, "decide", "syp_crimes_20260301.csv", "accept", "--because", "x")


def test_a_held_delivery_cannot_be_accepted(with_held: Callable[[], Result]) -> None:
    assert "its form breaks the contract" in words_of(with_held())
