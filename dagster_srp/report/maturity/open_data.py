"""Two vintages of the open data: crimes under investigation in the first, and what had become of them in the second.

The open data give no day and few vintages, so that months cannot be learned from the months before them. Places stand
for cohorts instead: each is projected by a ladder of one step that eight other places of the same month climbed.
"""

from __future__ import annotations

import itertools
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dagster_srp.building.code import PROJECT_ROOT
from dagster_srp.report.maturity.coverage import Case, take_cases
from dagster_srp.report.maturity.models import LadderModels


@dataclass(frozen=True)
class Pair:
    """Two archives that hold the same months."""

    earlier: str
    later: str
    months: tuple[str, ...]


PAIRS = (
    Pair(
        "2024-12_south-yorkshire.zip",
        "2025-04_south-yorkshire.zip",
        ("2024-09", "2024-10", "2024-11", "2024-12"),
    ),
    Pair(
        "2025-04_south-yorkshire.zip",
        "2025-06_south-yorkshire.zip",
        ("2025-01", "2025-02", "2025-03", "2025-04"),
    ),
)
PLACES = (("a neighbourhood", 1), ("ten neighbourhoods", 10))
MONTHS = (("some still under investigation", False), ("none under investigation", True))
OTHERS = 8


def open_data_cases(compiled: Mapping[str, str], folder: Path) -> list[Case]:
    """Every place, month and pair of vintages; raises FileNotFoundError where an archive is missing."""
    cases = []
    for pair in PAIRS:
        with LadderModels(compiled) as models:
            _read(models.connection, folder, pair)
            for (place, size), (months, is_closed) in itertools.product(PLACES, MONTHS):
                models.script(DEVELOPMENT, size=size, others=OTHERS, is_closed=is_closed)
                models.script(TRUTH)
                models.build("outcome_steps", "outcome_projection")
                cases += take_cases(models, f"open data, {place}, {months}", "all_crimes")
    return cases


def _read(connection: duckdb.DuckDBPyConnection, folder: Path, pair: Pair) -> None:
    categories = str(PROJECT_ROOT / "seeds" / "police_uk_outcome_categories.csv")
    connection.execute("create or replace temp table categories as from read_csv(?)", [categories])
    with tempfile.TemporaryDirectory(prefix="srp-open-data-") as unpacked:
        for name, archive in (("earlier", pair.earlier), ("later", pair.later)):
            members = [f"{month}/{month}-south-yorkshire-street.csv" for month in pair.months]
            with zipfile.ZipFile(folder / archive) as packed:
                paths = [packed.extract(member, Path(unpacked) / name) for member in members]
            connection.execute(f"create or replace temp table {name} as {STREET}", [paths])


STREET = """
select
    "Crime ID" as crime_id,
    "Month" as month,
    -- LSOAs of one neighbourhood (MSOA) differ in the last letter of their name
    left("LSOA name", -1) as neighbourhood,
    coalesce("Last outcome category", 'Under investigation') as category
from read_csv($1, all_varchar = true)
where "Crime ID" is not null and "LSOA name" is not null
qualify count(*) over (partition by "Crime ID") = 1
"""

DEVELOPMENT = """
create or replace temp table followed as
select
    earlier.month,
    earlier.neighbourhood,
    earlier.category <> 'Under investigation' as had_any,
    later.category <> 'Under investigation' as has_any,
    before.is_positive as had_positive,
    after.is_positive as has_positive
from earlier
join later using (crime_id)
join categories as before on earlier.category = before.outcome_category
join categories as after on later.category = after.outcome_category
where $is_closed = (earlier.month not in (select month from earlier where category = 'Under investigation'));

create or replace temp table places as
select neighbourhood, (row_number() over (order by md5(neighbourhood)) - 1) // $size as place_no
from (select neighbourhood from followed group by neighbourhood having count(*) >= 40);

create or replace temp table counted as
select
    month,
    place_no,
    outcome_set,
    count(*) as crimes_count,
    count(*) filter (where if(outcome_set = 'any_outcome', had_any, had_positive)) as earlier_count,
    count(*) filter (where if(outcome_set = 'any_outcome', has_any, has_positive)) as later_count,
    count(*) filter (where not had_any) as earlier_without_count,
    count(*) filter (where not has_any) as later_without_count
from followed
join places using (neighbourhood)
cross join (values ('any_outcome'), ('published_2018_19')) as sets (outcome_set)
group by all;

-- the place itself is the youngest cohort (cohort 0), and the eight after it, in a circle, are the older ones
create or replace temp table beside as
with size as (select max(place_no) + 1 as places_count from places)
select
    counted.*,
    counted.month || ' place ' || (counted.place_no + places_count - cohort_no) % places_count as area_code,
    date '2020-01-01' - to_months(3 * cohort_no::integer) as cohort_start_date,
    cohort_no = 0 as is_judged
from counted
cross join size
cross join range(0, $others + 1) as cohorts (cohort_no);

create or replace table build.indicators_build.outcome_development as
select
    'all_crimes' as measure,
    outcome_set,
    'csp' as area_type,
    area_code,
    cohort_start_date::date as cohort_start_date,
    (cohort_start_date + interval 3 months)::date - 1 as cohort_end_date,
    age_days,
    true as is_ladder_age,
    false as is_compared_age,
    date '2020-01-01' as reached_date,
    age_days = 360 or not is_judged as is_observed,
    crimes_count,
    case when age_days = 360 then earlier_count when not is_judged then later_count end as outcomes_count,
    case when age_days = 360 then earlier_without_count when not is_judged then later_without_count end
        as without_outcome_count
from beside
cross join (values (360), (720)) as ages (age_days);
"""

TRUTH = """
create or replace table memory.main.truth as
select
    'all_crimes' as measure, outcome_set, area_code, cohort_start_date::date as cohort_start_date, crimes_count,
    later_count as outcomes_count
from beside
where is_judged
"""
