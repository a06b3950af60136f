"""The four archives of data.police.uk and the ONS lookups, as a newcomer would drop them in."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_srp.home import Home
from tests.refresh.conftest import refresh

FOLDERS = {
    "lookup_lsoa11_lsoa21_ltla22.csv": "ons_lsoa_2011_2021",
    "lookup_lsoa21_ward24_ltla24.csv": "ons_lsoa_ward_lad",
    "lookup_ltla24_csp24_pfa24.csv": "ons_lad_csp_pfa",
    "census21_residents_lsoa21.csv": "ons_residents",
    "imd2025_lsoa21.csv": "ons_imd",
    "pfa_tables_ye_jun_2025_table_c2.csv": "ons_recorded_crime_csp",
    "pfa_tables_ye_jun_2025_table_p1.csv": "ons_recorded_crime_force",
}
LATEST_FIRST = ("2025-06", "2024-12", "2021-09", "2025-04")


@pytest.fixture(scope="session")
def real_home(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The archives in an order that is not theirs, landed in two refreshes."""
    home = Home(tmp_path_factory.mktemp("real") / "home")
    home.make(demo=False)
    for name, feed in FOLDERS.items():
        (home.inbox / feed).mkdir()
        shutil.copyfile(real_data / "ons" / name, home.inbox / feed / name)
    for archives in (LATEST_FIRST[:3], LATEST_FIRST[3:]):
        (home.inbox / "police_uk_street").mkdir(exist_ok=True)
        for archive in archives:
            name = f"{archive}_south-yorkshire.zip"
            shutil.copyfile(real_data / "police_uk" / name, home.inbox / "police_uk_street" / name)
        refresh(home.root)
    return home


def ask(path: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.parametrize(
    ("month", "crimes"),
    [("2018-01", 2532), ("2018-07", 3031), ("2020-04", 2261), ("2024-05", 2671), ("2025-03", 2418)],
)
def test_rotherhams_crimes_of_a_month(real_home: Home, month: str, crimes: int) -> None:
    query = f"select sum(crimes) from marts.street_crime_monthly where lad_code = 'E08000018' and month = '{month}-01'"
    assert ask(real_home.released / "srp.duckdb", query) == [(crimes,)]


def test_the_forces_year_without_asb_is_what_ons_table_p1_leads_to_expect(real_home: Home) -> None:
    query = """
        select sum(crimes) from marts.street_crime_monthly
        where month between '2024-07-01' and '2025-06-01' and crime_type <> 'Anti-social behaviour'
    """
    assert ask(real_home.released / "srp.duckdb", query) == [(148795,)]


def test_every_comparison_with_ons_holds_within_its_tolerance(real_home: Home) -> None:
    query = "select count(*) filter (where holds), count(*) from marts.reconciliation where kind = 'ons' and holds is not null"
    held, compared = ask(real_home.released / "srp.duckdb", query)[0]
    assert held == compared > 0


def test_no_row_is_dropped_for_want_of_a_place(real_home: Home) -> None:
    counted = ask(real_home.released / "srp.duckdb", "select sum(crimes) from marts.street_crime_monthly")
    current = ask(
        real_home.released / "srp.duckdb",
        "select current_count from marts.feed_conservation where feed = 'police_uk_street'",
    )
    assert counted == current == [(872580,)]


def test_identical_asb_rows_are_separate_incidents(real_home: Home) -> None:
    query = "select count(*) from marts.fct_street_crime where crime_type = 'Anti-social behaviour' and crime_id is null"
    repeated = """
        select sum(copies - 1) > 1000 from (
            select count(*) as copies from marts.fct_street_crime where crime_id is null
            group by month, lsoa_code, ward_code, crime_type having count(*) > 1
        )
    """
    assert ask(real_home.released / "srp.duckdb", query)[0][0] > 100_000
    assert ask(real_home.released / "srp.duckdb", repeated) == [(True,)]


def test_both_vintages_of_a_month_are_in_history(real_home: Home) -> None:
    query = "select count(distinct _delivery_no) from raw.police_uk_street where month = '2025-01-01'"
    assert ask(real_home.workplace.landing, query) == [(2,)]


def test_changed_outcomes_between_the_two_vintages(real_home: Home) -> None:
    query = """
        select changed_outcome_count from marts.street_outcome_revisions
        where month between '2025-01-01' and '2025-04-01' order by month
    """
    assert ask(real_home.released / "srp.duckdb", query) == [(1890,), (1987,), (3017,), (5632,)]
