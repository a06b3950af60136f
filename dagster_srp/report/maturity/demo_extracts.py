"""The demo's extracts as they stood month by month, landed as any delivery is, against what they said in the end."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

from dagster_srp.contracts import load_contracts
from dagster_srp.demo import write_demo
from dagster_srp.duck import Engine, attach, open_file
from dagster_srp.landing import land
from dagster_srp.landing.land import LandingSettings
from dagster_srp.landing.packed import Limits
from dagster_srp.report.maturity.coverage import Case, take_cases, write_truth
from dagster_srp.report.maturity.models import LadderModels

FEEDS = ("syp_crimes", "syp_crime_outcomes")
MEASURES = ("hate_crimes", "cse_tagged_crimes")
LAST_JUDGED = dt.date(2024, 4, 1)
"""First day of the last quarter whose outcomes have all come by the end of the demo: it ends a year before."""
_LIMITS = Limits(2**32, 500)


def moments() -> Iterator[dt.datetime]:
    """The tenth of each month in which the year's outcomes are still coming: by then the month before is delivered."""
    for first, count in ((dt.date(2016, 12, 10), 29), (dt.date(2023, 8, 10), 20)):
        for month in range(first.month - 1, first.month - 1 + count):
            yield dt.datetime(first.year + month // 12, month % 12 + 1, first.day)


def demo_cases(compiled: Mapping[str, str]) -> list[Case]:
    """Every cohort of the demo at every age at which a refresh would have shown it."""
    contracts = load_contracts()
    with tempfile.TemporaryDirectory(prefix="srp-maturity-") as folder:
        place = Path(folder)
        write_demo(place / "inbox", only=FEEDS)
        with closing(open_file(place / "landing.duckdb", Engine(2, "1GB"), read_only=False)) as landing:
            land(
                landing,
                contracts,
                LandingSettings(place / "inbox", place / "archive", 0.0, _LIMITS, takes_demo=True),
            )
        with LadderModels(compiled) as models:
            attach(models.connection, place / "landing.duckdb", "landing")
            models.script(VERSIONS)
            models.script(KNOWN, moment=dt.datetime(9999, 1, 1))
            models.script(WHOLE)
            write_truth(models)
            models.connection.execute(
                "delete from memory.main.truth where cohort_start_date > ?", [LAST_JUDGED]
            )
            return [case for moment in moments() for case in _as_known(models, moment)]


def _as_known(models: LadderModels, moment: dt.datetime) -> list[Case]:
    models.script(KNOWN, moment=moment)
    models.script(FACTS)
    models.build("outcome_cohorts", "outcome_projection")
    return [case for measure in MEASURES for case in take_cases(models, "demo extracts", measure)]


VERSIONS = """
create temp table versions as
select
    crime_ref, recorded_date, district_code, extracted_at, sha256, _line, coalesce(hate_strands, '') <> '' as is_hate,
    coalesce(list_contains(string_split(tags, chr(59)), 'cse'), false) as is_cse
from landing.raw.syp_crimes as crimes join landing.ledger.deliveries as d on crimes._delivery_no = d.delivery_no
where d.state = 'accepted';
delete from versions where crime_ref not in (
    select crime_ref from versions where district_code = 'E08000018' and (is_hate or is_cse)
);
create temp table given as
select crime_ref, outcome_type::varchar as outcome_type, outcome_date, extracted_at
from landing.raw.syp_crime_outcomes as outcomes join landing.ledger.deliveries as d
    on outcomes._delivery_no = d.delivery_no
where d.state = 'accepted' and crime_ref in (select crime_ref from versions);
"""

KNOWN = """
create or replace temp table marked_crimes as
from (
    from versions
    where extracted_at <= $moment
    qualify row_number() over (partition by crime_ref order by extracted_at desc, sha256 desc, _line desc) = 1
)
where district_code = 'E08000018' and (is_hate or is_cse);
create or replace temp table known_outcomes as
select distinct crime_ref, outcome_type, outcome_date
from given
where extracted_at <= $moment and crime_ref in (select crime_ref from marked_crimes);
create or replace temp table spoken as
select feed, max(extracted_at) as extracted_at
from landing.ledger.deliveries
where state = 'accepted' and extracted_at <= $moment
group by feed;
"""

WHOLE = """
create or replace table memory.main.crimes as
select crime_ref, 'E22000261' as area_code, recorded_date, 'hate_crimes' as measure from marked_crimes where is_hate
union all
select crime_ref, 'E22000261', recorded_date, 'cse_tagged_crimes' from marked_crimes where is_cse;
create or replace table memory.main.outcomes as from known_outcomes;
"""

FACTS = """
delete from srp.marts.fct_crime;
delete from srp.marts.fct_crime_outcome;
delete from build.intermediate.int_visible_delivery;
insert into build.intermediate.int_visible_delivery from spoken;
insert into srp.marts.fct_crime
select
    crime_ref, recorded_date, date_trunc('month', recorded_date)::date, 'E23000011', 'E22000261', is_hate, is_cse, false
from marked_crimes;
insert into srp.marts.fct_crime_outcome from known_outcomes;
"""
