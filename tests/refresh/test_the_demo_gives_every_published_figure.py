"""From extracts to released marts at scale 1: what a newcomer's `make refresh` gives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from dagster_srp.cli import app
from dagster_srp.contracts import load_contracts
from dagster_srp.gates.from_contracts import EXPECTATIONS_DIR
from dagster_srp.gates.texts import read_rules
from dagster_srp.home import Home
from dagster_srp.release import read_manifest

SEEDS = Path(__file__).parents[2] / "seeds"


def released(home: Home, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home.released / "srp.duckdb"), read_only=True) as connection:
        return connection.execute(query).fetchall()


def told(home: Home, *words: str) -> Any:
    done = CliRunner().invoke(
        app, [*words, "--json"], env={"SRP_HOME": str(home.root)}, catch_exceptions=False
    )
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_all_75_published_figures_are_equal(demo_home: Home) -> None:
    rows = released(
        demo_home,
        "select count(*), count(*) filter (where holds) from marts.reconciliation where kind = 'report'",
    )
    assert rows == [(75, 75)]


def test_every_computable_percentage_change_is_equal_as_printed(demo_home: Home) -> None:
    query = "select count(*) filter (where published_change_pct is not null and holds) from marts.published_changes"
    assert released(demo_home, query) == [(34,)]


def test_a_change_from_nothing_has_no_percentage(demo_home: Home) -> None:
    query = "select our_change_pct from marts.published_changes where indicator_id = 'forced_marriage_crimes'"
    assert released(demo_home, query) == [(None,)]


def test_the_claim_of_37_percent_fails_with_the_true_33(demo_home: Home) -> None:
    query = "select sentence, true_value from marts.claims_check where not holds"
    assert released(demo_home, query) == [("Hate reporting rose 37%", 33.0)]


def test_strands_add_to_more_than_their_incidents(demo_home: Home) -> None:
    query = """
        select sum(value) filter (where indicator_id <> 'hate_incidents'),
            sum(value) filter (where indicator_id = 'hate_incidents')
        from marts.indicator_values
        where indicator_id similar to 'hate_incidents(_race|_religion|_disability|_sexual_orientation|_transgender)?'
            and period_type = 'year' and period_start = '2016-04-01' and area_code = 'E22000261'
    """
    assert released(demo_home, query) == [(240.0, 224.0)]


def test_every_registered_indicator_has_a_value(demo_home: Home) -> None:
    query = """
        select indicator_id from marts.dim_indicator where valid_to is null
        except select indicator_id from marts.indicator_values
    """
    assert released(demo_home, query) == []


def test_every_registered_indicator_has_a_caveat_or_a_reason_for_none(demo_home: Home) -> None:
    query = """
        select indicator_id from marts.dim_indicator
        where no_caveat_reason is null and indicator_id not in (select indicator_id from marts.indicator_caveats)
    """
    assert released(demo_home, query) == []


def test_conservation_holds_for_every_feed(demo_home: Home) -> None:
    query = (
        "select feed from marts.feed_conservation where accepted_count <> current_count + superseded_count"
    )
    assert released(demo_home, query) == []


def test_no_personal_value_of_the_extracts_is_in_the_released_file(demo_home: Home) -> None:
    personal = [
        f"select cast({column.name} as varchar) as value from landing.raw.{feed}"
        for feed, contract in load_contracts().items()
        for column in contract.columns
        if column.sensitivity == "personal" and (feed, column.name) != ("srp_delivery_plan", "lead")
    ]
    with duckdb.connect(str(demo_home.released / "srp.duckdb"), read_only=True) as connection:
        connection.execute(f"attach '{demo_home.workplace.landing}' as landing (read_only)")
        texts = connection.execute(
            "select table_name, column_name from duckdb_columns() where database_name = 'srp'"
            " and schema_name = 'marts' and data_type = 'VARCHAR'"
        ).fetchall()
        connection.execute(
            "create temp table texts as "
            + " union all ".join(
                f"select distinct '{table}.{column}' as place, lower(trim({column})) as value from marts.{table}"
                for table, column in texts
            )
        )
        hits = connection.execute(
            "select distinct place from texts where length(value) >= 4 and value in"
            f" (select lower(trim(value)) from ({' union all '.join(personal)}) where value is not null)"
        ).fetchall()
    assert len(texts) > 200
    # A ward is also a surname: what lists its values beforehand, or takes them from a lookup, is no hit.
    rules = read_rules(EXPECTATIONS_DIR)
    listed = [name for name, entry in rules.columns.items() if {"values", "landed"} & set(entry)]
    places = [tuple(place.split(".")) for (place,) in hits]
    assert [one for one in places if not any(rules.covers(name, *one) for name in listed)] == []


def test_no_personal_column_is_released(demo_home: Home) -> None:
    personal = {
        c.name
        for contract in load_contracts().values()
        for c in contract.columns
        if c.sensitivity == "personal"
    }
    columns = {
        row[0]
        for row in released(demo_home, "select column_name from duckdb_columns() where schema_name = 'marts'")
    }
    assert personal & columns == set()


def test_the_release_says_that_it_is_demo(demo_home: Home) -> None:
    query = "select value from marts.release where section = 'release' and name = 'is_demo'"
    assert released(demo_home, query) == [("True",)]


def test_the_manifest_counts_every_released_table(demo_home: Home) -> None:
    manifest = read_manifest(demo_home.released / "manifest.json")
    counted = {t.table: t.rows for t in manifest.tables}
    actual = dict(
        released(
            demo_home,
            "select table_name, estimated_size from duckdb_tables() where schema_name = 'marts'"
            " and table_name not in ('release', 'indicator_vintages')",
        )
    )
    assert counted == actual


def test_breaches_are_in_quarantine_with_their_rule(demo_home: Home) -> None:
    rules = {row["reason"] for row in told(demo_home, "quarantine", "syp_crimes")}
    assert any("not a date" in rule for rule in rules)


@pytest.mark.parametrize("verb", ["status", "deliveries", "reconcile"])
def test_every_verb_prints_json(demo_home: Home, verb: str) -> None:
    assert told(demo_home, verb)


def test_every_released_table_and_column_has_a_comment(demo_home: Home) -> None:
    without = released(
        demo_home,
        "select table_name, '' as column_name from duckdb_tables() where schema_name = 'marts'"
        " and coalesce(comment, '') = '' union all select table_name, column_name from duckdb_columns()"
        " where schema_name = 'marts' and coalesce(comment, '') = ''",
    )
    assert without == []


def test_every_dimension_declares_its_key(demo_home: Home) -> None:
    with_a_key = released(
        demo_home,
        "select table_name from duckdb_constraints() where constraint_type = 'PRIMARY KEY'"
        " and table_name like 'dim%'",
    )
    dimensions = released(demo_home, "select table_name from duckdb_tables() where table_name like 'dim%'")
    assert sorted(with_a_key) == sorted(dimensions)
