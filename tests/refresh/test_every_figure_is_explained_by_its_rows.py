"""`srp explain` gives the rows that a figure counts: for each indicator, period type and area type, on the demo."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from dagster_srp.cli import app
from dagster_srp.duck import attach, open_file
from dagster_srp.home import Home
from dagster_srp.release.counting import Counted, Figure, counted_rows, read_counting

FIGURES = """
select indicator_id, unit, period_type, period_start, period_end, area_type, area_code, numerator, denominator
from marts.indicator_values
qualify row_number() over (
    partition by indicator_id, period_type, area_type order by numerator > 0 desc, hash(period_start, area_code)
) = 1
order by all
"""
"""One figure of each indicator, period type and area type; one that counts something where there is one."""

Row = tuple[Any, ...]


@pytest.fixture
def warehouse(demo_home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_file(demo_home.workplace.build) as connection:
        attach(connection, demo_home.released / "srp.duckdb", "srp")
        attach(connection, demo_home.workplace.landing, "landing")
        yield connection


@pytest.fixture(scope="module")
def queries(demo_home: Home) -> dict[str, str]:
    found = read_counting(demo_home.released)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def figures(demo_home: Home) -> list[Row]:
    with open_file(demo_home.released / "srp.duckdb") as connection:
        return connection.execute(FIGURES).fetchall()


def parts_of(queries: dict[str, str], figure: Row) -> dict[str, list[Counted]]:
    found: dict[str, list[Counted]] = {}
    for one in counted_rows(queries, Figure(*figure[:7])):
        found.setdefault(one.part, []).append(one)
    return found


def total_of(connection: duckdb.DuckDBPyConnection, counted: Counted) -> float:
    row = connection.execute(counted.total_query).fetchone()
    return float((row or (0,))[0] or 0)


def test_every_indicator_is_among_them(demo_home: Home, figures: list[Row]) -> None:
    with open_file(demo_home.released / "srp.duckdb") as connection:
        registered = connection.execute(
            "select indicator_id from marts.dim_indicator where valid_to is null"
        ).fetchall()
    assert {name for (name,) in registered} == {figure[0] for figure in figures}


def test_counting_the_rows_gives_the_figure(
    warehouse: duckdb.DuckDBPyConnection, queries: dict[str, str], figures: list[Row]
) -> None:
    wrong = []
    for figure in figures:
        parts = parts_of(queries, figure)
        for part, released in (("numerator", figure[7]), ("denominator", figure[8])):
            counted = parts.get(part, [])
            if released is None and not counted:
                continue
            if len(counted) != 1 or abs(total_of(warehouse, counted[0]) - (released or 0)) > 0.01:
                wrong.append((part, *figure))
    assert wrong == []


def test_the_rows_listed_are_as_many_as_a_count_says(
    warehouse: duckdb.DuckDBPyConnection, queries: dict[str, str], figures: list[Row]
) -> None:
    wrong = []
    for figure in figures:
        for one in counted_rows(queries, Figure(*figure[:7])):
            if one.counts.lower().startswith("count(*)") and figure[2] == "year":
                (rows,) = warehouse.execute(f"select count(*) from ({one.rows_query})").fetchone() or (None,)
                if rows != total_of(warehouse, one):
                    wrong.append(figure[:7])
    assert wrong == []


def test_what_is_said_to_be_released_needs_the_released_file_alone(
    demo_home: Home, queries: dict[str, str], figures: list[Row]
) -> None:
    with open_file(demo_home.released / "srp.duckdb") as connection:
        released = [
            one
            for figure in figures
            if figure[2] == "year" and figure[5] == "csp"
            for one in counted_rows(queries, Figure(*figure[:7]))
            if one.is_released
        ]
        for one in released:
            connection.execute(one.total_query).fetchall()
    assert len(released) > 40


def test_a_figure_that_the_rows_do_not_give_is_noticed(
    warehouse: duckdb.DuckDBPyConnection, queries: dict[str, str], figures: list[Row]
) -> None:
    figure = next(one for one in figures if one[0] == "hate_incidents" and one[2] == "year" and one[7] > 0)
    changed = {name: query.replace("'hate_non_crime'", "'hate'") for name, query in queries.items()}
    (one,) = counted_rows(changed, Figure(*figure[:7]))
    assert total_of(warehouse, one) != figure[7]


def explained(home: Home, *words: str) -> Any:
    done = CliRunner().invoke(
        app, ["explain", *words, "--json"], env={"SRP_HOME": str(home.root)}, catch_exceptions=False
    )
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_the_example_of_readme_counts_224_and_names_the_deliveries(demo_home: Home) -> None:
    said = explained(demo_home, "hate_incidents", "--period", "2016/17", "--area", "E22000261")
    (part,) = said["parts"]
    assert (part["total"], part["agrees"]) == (224.0, True)
    assert "closing_category = 'hate_non_crime'" in part["rows_query"]
    assert sum(delivery["rows"] for delivery in said["deliveries"]) == 224


def test_every_indicator_names_its_deliveries_or_says_why_not(demo_home: Home) -> None:
    with open_file(demo_home.released / "srp.duckdb") as connection:
        ids = connection.execute(
            "select indicator_id from marts.dim_indicator where valid_to is null order by 1"
        ).fetchall()
    for (name,) in ids:
        said = explained(demo_home, name)
        assert all(part["agrees"] is not False for part in said["parts"]) and said["parts"]
        assert said["deliveries"] or said["deliveries_note"] or said["parts"][0]["total"] == 0


def test_a_release_that_kept_no_queries_says_so(own_home: Home) -> None:
    file = own_home.released.resolve() / "counting.json"
    file.parent.chmod(0o700)
    file.unlink()
    said = explained(own_home, "all_crime_rotherham")
    assert "did not keep its queries" in said["parts_note"]


def test_somebody_who_reads_the_release_alone_is_told_what_the_warehouse_would_say(own_home: Home) -> None:
    own_home.workplace.build.unlink()
    said = explained(own_home, "all_crime_rotherham")
    assert "restricted warehouse" in said["deliveries_note"]
