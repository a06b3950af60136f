"""Small DuckDB files that hold a sound warehouse, for tests to break."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import duckdb

from dagster_srp.contracts import Contract
from dagster_srp.gates.from_contracts import EXPECTATIONS_DIR, TECHNICAL_COLUMNS
from dagster_srp.landing.ledger import DECISIONS

CRIME = (
    "'SYP/16/{number:06d}', date '2016-05-04', date '2016-05-01', null, '8/01', false, 'cse;knife', 'race', 'E08000018', "
    "null, 'E01007600', 'P1', 'Zebediah', 'Quillfeather', date '1980-01-01', '1 Nowhere Lane', 'S60 1AA', null, "
    "{delivery}, null, {number}"
)


def execute(path: Path, *statements: str) -> Path:
    """Run statements on a DuckDB file and close it again."""
    with duckdb.connect(str(path)) as connection:
        for statement in statements:
            connection.execute(statement)
    return path


def only(folder: Path, gate: str, *names: str) -> Path:
    """An expectations folder with only these suites of the real one."""
    (folder / gate).mkdir(parents=True, exist_ok=True)
    for name in names:
        shutil.copy(EXPECTATIONS_DIR / gate / f"{name}.json", folder / gate)
    return folder


def write_suite(
    folder: Path, name: str, table: str, *expectations: dict[str, Any], gate: str = "staging"
) -> Path:
    """An expectations folder with one suite of the test's own."""
    (folder / gate).mkdir(parents=True, exist_ok=True)
    suite = {"name": name, "meta": {"table": table}, "expectations": list(expectations)}
    (folder / gate / f"{name}.json").write_text(json.dumps(suite), encoding="utf-8")
    return folder


def expectation(kind: str, name: str, severity: str = "critical", **kwargs: Any) -> dict[str, Any]:
    """One expectation as a suite words it."""
    meta = {"name": name, "statement": f"{name} holds", "do_next": "look at the record"}
    return {"type": kind, "kwargs": kwargs, "severity": severity, "meta": meta}


def has_rows() -> dict[str, Any]:
    """The expectation that every suite needs."""
    return expectation("expect_table_row_count_to_be_between", "has_rows", min_value=1)


def landing(path: Path, contract: Contract) -> Path:
    """A landing file with four deliveries of ten crimes; the fourth is the refresh's new one."""
    columns = {c.name: c.storage_type for c in contract.columns} | dict(TECHNICAL_COLUMNS)
    definition = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    rows = ", ".join(
        f"({CRIME.format(number=d * 100 + n, delivery=d)})" for d in range(1, 5) for n in range(10)
    )
    deliveries = ", ".join(
        f"({d}, '{contract.feed}', 10, 10, 0, timestamp '2016-0{d}-02 00:00:00', 'accepted', 'sha{d}')"
        for d in range(1, 5)
    )
    return execute(
        path,
        "create schema raw",
        "create schema ledger",
        f"create table raw.{contract.feed} ({definition})",
        f"insert into raw.{contract.feed} values {rows}",
        "create table ledger.deliveries (delivery_no integer, feed varchar, rows_read_count bigint, "
        "accepted_count bigint, quarantined_count bigint, extracted_at timestamp, state varchar, sha256 varchar)",
        f"insert into ledger.deliveries values {deliveries}",
        DECISIONS,
        "create table ledger.once_accepted (feed varchar, sha256 varchar)",
        f"insert into ledger.once_accepted values ('{contract.feed}', 'sha1')",
    )


def build(path: Path) -> Path:
    """A build file with the staging of syp_crimes, two of whose deliveries are visible and one is new."""
    return execute(
        path,
        "create schema control",
        "create schema staging",
        "create table control.visible_delivery (delivery_no integer, feed varchar, is_new boolean)",
        "insert into control.visible_delivery values (1, 'syp_crimes', false), (2, 'syp_crimes', true)",
        "create table staging.stg_syp_crimes as "
        "select 'SYP/16/' || (100000 + range) as crime_ref, 1 + range % 2 as _delivery_no from range(20)",
    )


def candidate(path: Path) -> Path:
    """A candidate with every mart that the gate judges, each with the columns that the gate looks at."""
    tables = MARTS | FACTS_JUDGED_TOGETHER
    return execute(
        path, "create schema marts", *(f"create table marts.{name} as {sql}" for name, sql in tables.items())
    )


def beside_candidate(folder: Path, *, new: str = "1, 2, 3, 4") -> dict[str, Path]:
    """What stands beside a candidate: four deliveries, the last of which names crime C1, and which of them are new."""
    landed = execute(
        folder / "landing.duckdb",
        "create schema raw",
        "create table raw.syp_crimes as select 'C1' as crime_ref, 4 as _delivery_no",
        "create table raw.syp_crime_outcomes as select 'C1' as crime_ref, 0 as _delivery_no limit 0",
    )
    built = execute(
        folder / "build.duckdb",
        "create schema control",
        "create table control.visible_delivery as"
        f" select range as delivery_no, range in ({new}) as is_new from range(1, 5)",
        "create schema staging",
        "create schema intermediate",
        "create schema indicators_build",
        "create schema seeds",
        *(f"create table {name} as {sql}" for name, sql in BUILT.items()),
    )
    return {"landing": landed, "build": built}


_STRANDS = ", ".join(
    f"false as is_hate_{s}" for s in ("disability", "race", "religion", "sexual_orientation", "transgender")
)
_PLACE = "'E08000018' as district_code, 'E22000261' as csp_code, 'E23000011' as force_code"
_VALID = "date '2015-04-01' as valid_from, cast(null as date) as valid_to, 'a list' as source"
_FIGURES = """
    select indicator_id, period_type, period_start, period_end, area_type, area_code, 'none' as breakdown_type,
           'all' as breakdown, numerator, denominator, coalesce(100 * numerator / denominator, numerator) as value,
           case when denominator is null then 'count' else 'percent' end as unit, 'final' as maturity, 'r1' as release_id
    from (
        select unnest(['hate_incidents', 'hate_incidents_race', 'asb_repeat_victims', 'hate_crime_positive_outcome_rate',
                       'marac_referrals']) as indicator_id,
               unnest([2.0, 1.0, 1.0, 1.0, 4.0]) as each, unnest([null, null, null, 4.0, null]) as each_of_denominator
    ) as measures
    cross join (
        select 'month' as period_type, date '2016-04-01' + to_months(range::integer) as first, 1 as months
        from range(12)
        union all select 'quarter', date '2016-04-01' + to_months(3 * range::integer), 3 from range(4)
        union all select 'year', date '2016-04-01', 12
    ) as periods
    cross join lateral (
        select first::date as period_start, (first + to_months(months) - interval 1 day)::date as period_end,
               each * months as numerator, each_of_denominator * months as denominator
    ) as spans
    cross join (values ('csp', 'E22000261'), ('ward', 'E05013500')) as areas(area_type, area_code)
"""

MARTS = {
    "feed_conservation": "select feed, rows_count as rows_read_count, rows_count as accepted_count, 0 as quarantined_count, "
    "rows_count as current_count, 0 as superseded_count from (values ('syp_crimes', 10), ('syp_incidents', 10), "
    "('marac_cases', 10), ('rmbc_asb_reports', 10), ('police_uk_street', 10), ('srp_survey', 10), ('syfr_incidents', 10), "
    "('ons_lsoa_2011_2021', 1), ('ons_lsoa_ward_lad', 1), ('ons_lad_csp_pfa', 1), ('ons_residents', 2), "
    "('ons_recorded_crime_force', 2)) as feeds(feed, rows_count)",
    "fct_crime": "select 'C' || range as crime_ref, (date '2016-04-01' + to_days(range::integer))::date as recorded_date, "
    "(date '2016-04-01' + to_months(range::integer))::date as recorded_month_date, "
    "'robbery' as offence_group, 3 as recency_days, 'current' as recency_band, true as is_hate_crime, "
    f"{_STRANDS}, {_PLACE} from range(10)",
    "fct_incident": "select 'I' || range as incident_ref, timestamp '2016-04-01 10:00:00' as opened_at, "
    f"'asb_nuisance' as closing_category, true as is_asb, {_PLACE} from range(10)",
    "fct_marac_case": "select 'M' || range as case_ref, date '2016-06-01' as referral_date, "
    "date '2016-04-01' as previous_referral_date, true as is_repeat_any_abuse, false as is_repeat_criminal_only, "
    f"{_PLACE} from range(10)",
    "fct_asb_report": f"select 'R' || range as report_ref, timestamp '2016-04-01 10:00:00' as reported_at, {_PLACE} "
    "from range(10)",
    "fct_street_crime": "select date '2024-05-01' as month, 'Robbery' as crime_type, 'E01007600' as lsoa_code, "
    "'E05013500' as ward_code, 'E08000018' as district_code, 'placed' as placement from range(10)",
    "dim_area": "select * from (values ('ward', 'E05013500', 'district', 'E08000018', 9, null), "
    "('district', 'E08000018', 'csp', 'E22000261', 9, null), ('csp', 'E22000261', 'force', 'E23000011', 9, 'home'), "
    "('force', 'E23000011', null, null, 9, 'force')) "
    "as areas(area_type, area_code, parent_type, parent_code, residents_count, role)",
    "dim_date": "select (date '2016-04-01' + to_days(range::integer))::date as date_day from range(365)",
    "dim_offence": f"select '8/01' as offence_code, {_VALID}",
    "dim_outcome_type": f"select '1' as outcome_type, {_VALID}",
    "dim_indicator": "select indicator_id, case when indicator_id like '%rate' then 'percent' else 'count' end as unit, "
    "'what it counts' as definition, indicator_id not like '%rate' and indicator_id <> 'asb_repeat_victims' as is_additive, "
    "'csp;ward' as area_types, 'syp_incidents' as source_feeds, date '2016-04-01' as first_period_start, "
    f"{_VALID} from (values ('hate_incidents'), ('hate_incidents_race'), ('asb_repeat_victims'), "
    "('hate_crime_positive_outcome_rate'), ('marac_referrals')) as register(indicator_id)",
    "indicator_values": _FIGURES,
    "repeat_victims": "select 'crude' as rule_id, indicator_id, period_type, period_start, area_type, area_code, "
    "numerator as persons_count, 4 as min_events_count, 4 * numerator as events_count "
    f"from ({_FIGURES}) where indicator_id = 'asb_repeat_victims'",
    "hate_crime_outcome_rate": "select 'recorded' as basis, 'published' as set_id, period_type, period_start, period_end, "
    "area_type, area_code, months as numerator, 4 * months as denominator, 25.0::double as value, 0 as without_outcome_count from "
    "(select *, case period_type when 'year' then 12 when 'quarter' then 3 else 1 end as months "
    f"from ({_FIGURES})) where indicator_id = 'hate_crime_positive_outcome_rate'",
    "marac_repeats": "select 'referred' as basis, 'any_abuse' as rule_id, period_type, period_start, "
    "area_code as csp_code, 1 as repeats_count, numerator as cases_count, 100.0 / numerator as repeat_rate_pct "
    f"from ({_FIGURES}) where indicator_id = 'marac_referrals' and area_type = 'csp'",
    "street_crime_monthly": "select month, 'South Yorkshire Police' as force, 'E08000018' as lad_code, ward_code, lsoa_code, "
    "crime_type, count(*) as crimes from marts.fct_street_crime group by all",
    "scorecard": "select indicator_id, area_type, area_code, period_type, period_start, period_end, numerator, denominator, "
    "value, value as lower_95, value as upper_95, cast(null as date) as previous_period_start, "
    "cast(null as double) as previous_value, case when denominator is not null then 20.0::double end as target, "
    "case when denominator is not null then value >= 20.0 end as is_target_met, period_start as newest_period_start, "
    f"value as newest_value, maturity as newest_maturity from ({_FIGURES}) where area_type = 'csp' "
    "and period_type in ('quarter', 'year') "
    "qualify row_number() over (partition by indicator_id, period_type order by period_start desc) = 1",
    "reconciliation": "select unnest(['report', 'ons']) as kind, 'a report' as reference, 'hate_incidents' as indicator_id, "
    "'burglary' as offence_group, 'E22000261' as area_code, date '2016-04-01' as period_start, true as holds",
}

_OTHER_FACTS = (
    "fct_board_attendance",
    "fct_crime_outcome",
    "fct_da_service",
    "fct_delivery_plan",
    "fct_event",
    "fct_exploitation_referral",
    "fct_morile",
    "fct_probation_cohort",
    "fct_social_care_contact",
    "fct_street_outcome",
    "fct_treatment_episode",
)

FACTS_JUDGED_TOGETHER = {
    "fct_fire": "select 'F' || range as incident_ref from range(10)",
    "fct_survey_response": "select 'S' || range as response_ref from range(10)",
    "fct_ons_recorded_crime": "select 'force' as area_type, 'total' as offence_group",
    "dim_lsoa": "select 'E01007600' as lsoa_code, true as is_2011, true as is_2021, 9 as residents_count, "
    "cast(null as integer) as imd_rank",
} | dict.fromkeys(_OTHER_FACTS, "select 1 as row_no limit 0")
"""What `record_conservation` counts beside the marts that have a suite of their own."""

_THEMES = {
    path.stem: "select indicator_id, period_start as month_date, area_code as csp_code, 'E23000011' as force_code, "
    f"numerator, denominator from ({_FIGURES}) where area_type = 'csp' and period_type = 'month' and ("
    + {
        "theme_hate_incidents": "indicator_id like 'hate_incidents%')",
        "theme_hate": "indicator_id like '%rate')",
        "theme_marac": "indicator_id like 'marac%')",
    }.get(path.stem, "false)")
    for path in (EXPECTATIONS_DIR.parent / "dbt_project/models/indicators_build/themes").glob("theme_*.sql")
}

BUILT = {
    "intermediate.int_home_area": "select 'E22000261' as csp_code",
    "intermediate.int_district": "select 'E08000018' as district_code, 'E08000018' as given_district_code",
    "staging.stg_ons_lad_csp_pfa": "select 'E08000018' as district_code",
    "staging.stg_ons_lsoa_2011_2021": "select 'E01007600' as lsoa11_code",
    "staging.stg_ons_residents": "select unnest(['E01007600', 'W01000001']) as lsoa21_code, 9 as residents_count",
    "staging.stg_ons_imd": "select 'E01007600' as lsoa21_code limit 0",
    "staging.stg_ons_recorded_crime_csp": "select 'E22000261' as csp_code limit 0",
    "staging.stg_ons_recorded_crime_force": "select unnest(['E23000011', null]) as area_code",
    "seeds.repeat_rules": "select 'asb_repeat_victims' as indicator_id, 'within_period' as window_type",
    "seeds.published_residents": "select 'csp' as area_type, 'E22000261' as area_code, 9 as residents_count, "
    "0.5 as tolerance_pct",
    "seeds.indicator_targets": "select 'hate_crime_positive_outcome_rate' as indicator_id, 'csp' as area_type, "
    "'E22000261' as area_code, unnest(['quarter', 'year']) as period_type, 20.0 as value, 'higher' as better, "
    "date '2015-04-01' as valid_from, cast(null as date) as valid_to",
    "seeds.police_uk_crime_types": "select unnest(['Robbery', 'Anti-social behaviour']) as crime_type, "
    "unnest([true, false]) as is_crime, cast(null as date) as valid_to",
    "indicators_build.feed_coverage": "select 'syp_incidents' as feed, 'csp' as area_type, 'E22000261' as area_code, "
    "(date '2016-04-01' + to_months(range::integer))::date as month_date from range(12)",
} | {f"indicators_build.{theme}": sql for theme, sql in _THEMES.items()}
"""What a candidate's gate reads of the restricted build."""
