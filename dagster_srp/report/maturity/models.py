"""The ladder's dbt models as SQL, run over facts in memory: what is measured is what is released."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from dagster_srp.building import Dbt, dbt_environment
from dagster_srp.building.code import PROJECT_ROOT
from dagster_srp.duck import Engine, file_literal, open_file, open_memory
from dagster_srp.home import Workplace

FOLDER = "models/indicators_build/maturity"
BESIDE = (
    "models/indicators_build/periods/indicator_periods.sql",
    "models/indicators_build/counts/outcome_cohorts.sql",
    "models/marts/figures/rate_at_equal_age.sql",
)
SEEDS = (
    "areas_of_interest",
    "ladder_indicators",
    "ladder_rules",
    "maturity_ages",
    "outcome_types",
    "positive_outcome_sets",
)
IN_ORDER = (
    "indicator_periods",
    "outcome_cohorts",
    "outcome_arrivals",
    "outcome_development",
    "outcome_steps",
    "outcome_ladder",
    "outcome_projection",
    "rate_at_equal_age",
    "outcome_maturity",
)

FACTS = """
create schema build.seeds;
create schema build.intermediate;
create schema build.indicators_build;
create schema srp.marts;
create table build.intermediate.int_visible_delivery (feed varchar, extracted_at timestamp);
create table srp.marts.dim_date as
select cast(unnest(generate_series(date '2010-01-01', date '2030-12-01', interval 1 month)) as date) as month_start_date;
create table srp.marts.fct_crime (
    crime_ref varchar, recorded_date date, recorded_month_date date, force_code varchar, csp_code varchar,
    is_hate_crime boolean, is_cse boolean, is_cce boolean
);
create table srp.marts.fct_crime_outcome (crime_ref varchar, outcome_type varchar, outcome_date date);
"""

COVERAGE = """
create view build.indicators_build.feed_coverage as
select deliveries.feed, areas.area_type, areas.area_code, days.month_start_date as month_date
from build.intermediate.int_visible_delivery as deliveries
cross join build.seeds.areas_of_interest as areas
inner join srp.marts.dim_date as days on days.month_start_date + interval 1 month <= deliveries.extracted_at;
"""
"""Each month that had ended is delivered: what a home without a gap has."""


def table_of(model: str) -> str:
    """The table that a model of the ladder makes: one is a mart, the others are steps of the build."""
    return f"srp.marts.{model}" if model == "rate_at_equal_age" else f"build.indicators_build.{model}"


def compile_models() -> dict[str, str]:
    """Every model of the ladder as dbt compiles it for a full build, by name."""
    with tempfile.TemporaryDirectory(prefix="srp-ladder-") as folder:
        workplace = Workplace(Path(folder) / "landing.duckdb", Path(folder))
        for path in (workplace.landing, workplace.build, workplace.candidate):
            open_file(path, read_only=False).close()
        environment = dbt_environment(workplace, Engine(1, "1GB"))
        Dbt(environment)("compile", "--select", *(f"path:{path}" for path in (FOLDER, *BESIDE)))
        compiled = (workplace.dbt_target / "compiled").rglob("*.sql")
        return {path.stem: path.read_text() for path in compiled if path.stem in IN_ORDER}


class LadderModels:
    """An in-memory warehouse with the seeds, the facts that it is given, and the ladder's models built from them."""

    def __init__(self, compiled: Mapping[str, str]) -> None:
        self.compiled = compiled
        self.connection = open_memory()
        self.connection.execute("attach ':memory:' as build; attach ':memory:' as srp")
        self.connection.execute("set threads = 2;")
        self.connection.execute(FACTS)
        for seed in SEEDS:
            self._load_seed(seed)
        self.connection.execute(COVERAGE)

    def __enter__(self) -> LadderModels:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def speak_until(self, last_day: dt.date) -> None:
        """Both feeds' latest extracts were made on the day after, and speak for the months ended by then."""
        extracted_at = dt.datetime.combine(last_day + dt.timedelta(days=1), dt.time())
        self.connection.execute("delete from build.intermediate.int_visible_delivery")
        self.connection.executemany(
            "insert into build.intermediate.int_visible_delivery values (?, ?)",
            [["syp_crimes", extracted_at], ["syp_crime_outcomes", extracted_at]],
        )

    def watch_areas(self, query: str) -> None:
        """Takes the areas of interest from a query (area_type, area_code) instead of the seed."""
        self.connection.execute(f"create or replace table build.seeds.areas_of_interest as {query}")

    def build(self, first: str = IN_ORDER[0], last: str = IN_ORDER[-1]) -> None:
        """Builds the models in order, from one to another; those before the first must stand."""
        for name in IN_ORDER[IN_ORDER.index(first) : IN_ORDER.index(last) + 1]:
            self.connection.execute(f"create or replace table {table_of(name)} as {self.compiled[name]}")

    def script(self, statements: str, **parameters: object) -> None:
        """Runs statements separated by semicolons; each is given those of the parameters that it names."""
        for statement in filter(str.strip, statements.split(";")):
            named = {name: value for name, value in parameters.items() if f"${name}" in statement}
            self.connection.execute(statement, named or None)

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self.connection.execute(query, parameters).fetchall()

    def _load_seed(self, name: str) -> None:
        types = _column_types(name)
        columns = ", ".join(f"'{column}': '{kind}'" for column, kind in types.items())
        path = file_literal(PROJECT_ROOT / "seeds" / f"{name}.csv")
        self.connection.execute(
            f"create table build.seeds.{name} as from read_csv({path}, header = true, delim = ',', quote = '\"', columns = {{{columns}}})"
        )


def _column_types(seed: str) -> dict[str, str]:
    for path in sorted((PROJECT_ROOT / "seeds").glob("*.yml")):
        for entry in yaml.safe_load(path.read_text()).get("seeds", []):
            if entry["name"] == seed:
                return dict(entry["config"]["column_types"])
    raise LookupError(f"no seed {seed} is described in seeds/*.yml")
