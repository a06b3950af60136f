"""Synthetic cohorts: crimes whose outcomes come late, in worlds that keep to the ladder's assumptions or do not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from dagster_srp.report.maturity.coverage import Case, take_cases, write_truth
from dagster_srp.report.maturity.models import LadderModels

FIRST_DAY = dt.date(2015, 4, 1)
QUARTERS = 16
LAST_DAY = dt.date(2019, 3, 31)
_STARTS = [
    dt.date(2015 + (month + 3) // 12, (month + 3) % 12 + 1, 1) for month in range(0, 3 * QUARTERS + 3, 3)
]
_DAYS = np.array([(day - FIRST_DAY).days for day in _STARTS])


@dataclass(frozen=True)
class World:
    """How outcomes come about. `spread` is the standard deviation between quarters of the positive share, `slowing` the
    share by which each quarter's outcomes take longer than those of the quarter before."""

    name: str
    crimes: int
    histories: int
    spread: float = 0.0
    slowing: float = 0.0
    positive: float = 0.15
    replaced: float = 0.06


WORLDS = (
    *(
        World(f"steady, {size:,} crimes a quarter", size, histories)
        for size, histories in ((10, 300), (30, 300), (80, 300), (300, 120), (1000, 40), (4000, 12))
    ),
    World("positive share varies by 3 points, 80 crimes", 80, 300, spread=0.03),
    World("positive share varies by 3 points, 1,000 crimes", 1000, 40, spread=0.03),
    World("outcomes slow by 3% a quarter, 80 crimes", 80, 300, slowing=0.03),
    World("outcomes slow by 3% a quarter, 1,000 crimes", 1000, 40, slowing=0.03),
)


def write_world(connection: duckdb.DuckDBPyConnection, world: World, seed: int) -> None:
    """Writes the whole truth, each history as an area of its own: the tables `crimes` and `outcomes`."""
    rng = np.random.default_rng(
        [seed, world.crimes, world.histories, int(1000 * (world.spread + world.slowing))]
    )
    cells = world.histories * QUARTERS
    sizes = rng.poisson(world.crimes, cells)
    cell = np.repeat(np.arange(cells), sizes)
    history, quarter = cell // QUARTERS, cell % QUARTERS
    count = len(cell)
    start = _DAYS[quarter]
    recorded = start + (rng.random(count) * (_DAYS[quarter + 1] - start)).astype(np.int64)
    shares = np.clip(world.positive + world.spread * rng.standard_normal(cells), 0.01, 0.9)
    positive = rng.random(count) < shares[cell]
    ever = positive | (rng.random(count) < 0.93)
    slower = (1 + world.slowing) ** quarter
    slow = 15 + rng.gamma(2.0, np.where(positive, 55.0, 38.0)) * slower
    quick = rng.random(count) < np.where(positive, 0.3, 0.2)
    delay = np.minimum(np.where(quick, rng.integers(2, 15, count), slow), 540).astype(np.int64)
    earlier = ever & (delay > 20) & (rng.random(count) < world.replaced)
    first = (1 + rng.random(count) * 15).astype(np.int64)
    refs = np.arange(count)
    withdrawn = ever & ~positive & (rng.random(count) < 0.01)
    final = np.where(positive, 1, np.where(withdrawn & earlier, 0, 18))
    columns = {
        "crimes": {"crime_no": refs, "history": history, "recorded": recorded},
        "outcomes": {
            "crime_no": np.concatenate([refs[ever], refs[earlier]]),
            "outcome_type": np.concatenate(
                [final[ever], np.where(rng.random(int(earlier.sum())) < 0.25, 8, 16)]
            ),
            "given": np.concatenate([recorded[ever] + delay[ever], recorded[earlier] + first[earlier]]),
        },
    }
    for name, arrays in columns.items():
        connection.register("arriving", pa.table(arrays))
        connection.execute(TABLES[name])
        connection.unregister("arriving")


TABLES = {
    "crimes": """
        create or replace table memory.main.crimes as
        select
            crime_no::varchar as crime_ref, 'history ' || history as area_code,
            date '2015-04-01' + recorded::integer as recorded_date, 'all_crimes' as measure
        from arriving
    """,
    "outcomes": """
        create or replace table memory.main.outcomes as
        select
            crime_no::varchar as crime_ref, outcome_type::varchar as outcome_type,
            date '2015-04-01' + given::integer as outcome_date
        from arriving
    """,
}


def world_cases(compiled: Mapping[str, str], world: World, seed: int) -> list[Case]:
    """The world as it was known on the last day, against its end."""
    with LadderModels(compiled) as models:
        write_world(models.connection, world, seed)
        models.watch_areas("select distinct 'csp' as area_type, area_code from memory.main.crimes")
        models.speak_until(LAST_DAY)
        models.connection.execute(KNOWN_CRIMES)
        models.connection.execute(KNOWN_OUTCOMES, [LAST_DAY])
        models.build("outcome_cohorts", "outcome_projection")
        write_truth(models)
        return take_cases(models, world.name, "all_crimes")


KNOWN_CRIMES = """
insert into srp.marts.fct_crime
select crime_ref, recorded_date, date_trunc('month', recorded_date)::date, 'synthetic', area_code, false, false, false
from memory.main.crimes
"""
KNOWN_OUTCOMES = "insert into srp.marts.fct_crime_outcome from memory.main.outcomes where outcome_date <= $1"
