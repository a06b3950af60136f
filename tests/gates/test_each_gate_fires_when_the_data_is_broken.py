from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from dagster_srp.contracts import load_contracts
from dagster_srp.gates import SuiteError, Verdict, judge, load_suites, refused
from dagster_srp.gates.from_contracts import EXPECTATIONS_DIR, LEDGER_SUITE

from .warehouses import MARTS, beside_candidate, build, candidate, execute, landing, only

CRIMES = load_contracts()["syp_crimes"]
NEW = 4


def _broken(verdicts: list[Verdict]) -> set[str]:
    return {verdict.name for verdict in verdicts if not verdict.success}


# --- landing


def _judge_landing(path: Path, folder: Path) -> list[Verdict]:
    suites = only(folder, "landing", "syp_crimes", LEDGER_SUITE)
    return judge(path, "landing", suites=suites, new_deliveries=[NEW])


def test_sound_deliveries_pass_the_landing_gate(tmp_path: Path) -> None:
    assert _broken(_judge_landing(landing(tmp_path / "landing.duckdb", CRIMES), tmp_path)) == set()


@pytest.mark.parametrize(
    ("damage", "broken"),
    [
        ("update raw.syp_crimes set recorded_date = null where _delivery_no = 4", {"recorded_date_is_given"}),
        (
            "update raw.syp_crimes set crime_ref = 'x' || crime_ref where _line = 401",
            {"crime_ref_has_its_form"},
        ),
        ("update raw.syp_crimes set tags = 'cse;other' where _line = 401", {"tags_holds_known_values"}),
        ("update raw.syp_crimes set crime_ref = 'SYP/16/000400' where _line = 401", {"key_is_unique"}),
        ("update raw.syp_crimes set committed_from_date = '2016-06-01' where _line = 401", {"row_rule_1"}),
        ("delete from raw.syp_crimes where _line = 401", {"accepted_rows_landed"}),
        (
            "delete from raw.syp_crimes where _delivery_no = 4",
            {"accepted_rows_landed", "has_rows_where_accepted"},
        ),
        ("alter table raw.syp_crimes alter offence_code type integer using 8", {"column_types"}),
        ("alter table raw.syp_crimes add column surprise integer", {"columns_in_order", "column_types"}),
        ("update ledger.deliveries set quarantined_count = 1 where delivery_no = 2", {"rows_are_conserved"}),
        ("update ledger.deliveries set delivery_no = 2 where delivery_no = 3", {"delivery_no_is_unique"}),
        (
            "update ledger.deliveries set rows_read_count = 21, quarantined_count = 11 where delivery_no = 4",
            {"volume_as_usual"},
        ),
        (
            "insert into ledger.deliveries values (5, 'marac_cases', 1, 1, 0, timestamp '2017-01-01', 'accepted', 'sha5')",
            {"feeds_are_fresh"},
        ),
        (
            "insert into ledger.deliveries values (5, 'ons_imd', 1, 0, 1, timestamp '2016-04-03', 'accepted', 'sha5')",
            {"deliveries_have_rows"},
        ),
        (
            "insert into ledger.deliveries values (5, 'marac_cases', 0, 0, 0, timestamp '2016-04-03', 'accepted', 'sha5')",
            set(),
        ),
        (
            "insert into ledger.deliveries values (5, 'syp_crimes', 9, 0, 9, timestamp '2016-04-03', 'held', 'sha1')",
            {"accepted_stays_accepted"},
        ),
    ],
)
def test_the_landing_gate_fires(tmp_path: Path, damage: str, broken: set[str]) -> None:
    path = execute(landing(tmp_path / "landing.duckdb", CRIMES), damage)
    assert _broken(_judge_landing(path, tmp_path)) == broken


def test_damage_in_an_old_delivery_is_not_judged_again(tmp_path: Path) -> None:
    damage = "update raw.syp_crimes set tags = 'other' where _delivery_no = 1"
    path = execute(landing(tmp_path / "landing.duckdb", CRIMES), damage)
    assert _broken(_judge_landing(path, tmp_path)) == set()


def test_a_feed_without_a_new_delivery_is_not_judged(tmp_path: Path) -> None:
    path = landing(tmp_path / "landing.duckdb", CRIMES)
    verdicts = judge(path, "landing", suites=only(tmp_path, "landing", "syp_crimes", LEDGER_SUITE))
    assert {verdict.table for verdict in verdicts} == {"ledger.deliveries"}


def test_a_feed_with_a_new_delivery_and_no_suite_is_an_error(tmp_path: Path) -> None:
    path = landing(tmp_path / "landing.duckdb", CRIMES)
    with pytest.raises(SuiteError, match="syp_crimes has new deliveries and no suite"):
        judge(path, "landing", suites=only(tmp_path, "landing", LEDGER_SUITE), new_deliveries=[NEW])


def test_volume_and_freshness_warn_and_refuse_nothing(tmp_path: Path) -> None:
    path = execute(
        landing(tmp_path / "landing.duckdb", CRIMES),
        "update ledger.deliveries set rows_read_count = 100, quarantined_count = 90 where delivery_no = 4",
        "insert into ledger.deliveries values (5, 'marac_cases', 1, 1, 0, timestamp '2017-01-01', 'accepted', 'sha5')",
    )
    verdicts = _judge_landing(path, tmp_path)
    assert _broken(verdicts) == {"volume_as_usual", "feeds_are_fresh"}
    assert refused(verdicts) == []


def test_a_month_of_grace_keeps_a_feed_fresh(tmp_path: Path) -> None:
    # The crimes were last extracted on 2 April, monthly: due by 2 June with the month of grace.
    later = (
        "insert into ledger.deliveries values (5, 'marac_cases', 1, 1, 0, timestamp '{}', 'accepted', 'sha5')"
    )
    on_time = execute(landing(tmp_path / "a.duckdb", CRIMES), later.format("2016-06-02 00:00:00"))
    assert _broken(_judge_landing(on_time, tmp_path)) == set()
    late = execute(landing(tmp_path / "b.duckdb", CRIMES), later.format("2016-06-02 00:00:01"))
    assert _broken(_judge_landing(late, tmp_path)) == {"feeds_are_fresh"}


# --- staging


def _judge_staging(folder: Path, *damage: str, new: tuple[int, ...] = (2,)) -> list[Verdict]:
    landed = landing(folder / "landing.duckdb", CRIMES)
    built = execute(build(folder / "build.duckdb"), *damage)
    suites = only(folder, "staging", "stg_syp_crimes")
    return judge(built, "staging", suites=suites, attached={"landing": landed}, new_deliveries=new)


@pytest.mark.parametrize(
    ("damage", "broken"),
    [
        ("select 1", set()),
        ("delete from staging.stg_syp_crimes", {"has_rows_where_delivered"}),
        ("insert into staging.stg_syp_crimes values ('SYP/16/999999', 1)", {"no_more_rows_than_accepted"}),
        (
            "update staging.stg_syp_crimes set crime_ref = null where crime_ref like '%1'",
            {"crime_ref_is_given"},
        ),
        (
            "update staging.stg_syp_crimes set crime_ref = 'SYP/16/100000' where crime_ref in ('SYP/16/100001')",
            {"key_is_unique"},
        ),
    ],
)
def test_the_staging_gate_fires(tmp_path: Path, damage: str, broken: set[str]) -> None:
    verdicts = _judge_staging(tmp_path, damage)
    assert _broken(verdicts) == broken
    assert {v.name for v in refused(verdicts)} == broken


def test_the_staging_of_a_feed_without_new_deliveries_is_not_judged_again(tmp_path: Path) -> None:
    assert _judge_staging(tmp_path, "delete from staging.stg_syp_crimes", new=()) == []


def test_a_feed_without_deliveries_may_be_empty(tmp_path: Path) -> None:
    assert (
        _broken(
            _judge_staging(
                tmp_path, "delete from staging.stg_syp_crimes", "delete from control.visible_delivery"
            )
        )
        == set()
    )


# --- candidate

CANDIDATE_DAMAGE = [
    ("fct_crime", "delete from marts.fct_crime where crime_ref = 'C3'", "records_are_conserved"),
    ("fct_crime", "delete from marts.fct_crime", "records_are_conserved"),
    ("fct_crime", "update marts.fct_crime set crime_ref = 'C1' where crime_ref = 'C2'", "key_is_unique"),
    ("fct_crime", "update marts.fct_crime set offence_group = null", "offence_group_is_given"),
    (
        "fct_crime",
        "update marts.fct_crime set recency_days = -1 where crime_ref = 'C1'",
        "recency_days_is_in_range",
    ),
    (
        "fct_crime",
        "update marts.fct_crime set is_hate_crime = false, is_hate_race = true where crime_ref = 'C1'",
        "strands_only_on_hate_crimes",
    ),
    ("fct_crime", "update marts.fct_crime set csp_code = null where crime_ref = 'C1'", "places_are_known"),
    ("fct_incident", "insert into marts.fct_incident from marts.fct_incident limit 1", "key_is_unique"),
    (
        "fct_incident",
        "update marts.fct_incident set is_asb = false",
        "anti_social_behaviour_by_its_categories",
    ),
    (
        "fct_marac_case",
        "update marts.fct_marac_case set previous_referral_date = null",
        "repeats_have_an_earlier_referral",
    ),
    ("fct_asb_report", "update marts.fct_asb_report set reported_at = null", "reported_at_is_given"),
    ("fct_street_crime", "delete from marts.fct_street_crime where rowid = 0", "records_are_conserved"),
    ("fct_street_crime", "update marts.fct_street_crime set ward_code = null", "placement_tells_the_place"),
    ("dim_area", "delete from marts.dim_area", "has_rows_where_lookups_have"),
    ("dim_area", "delete from marts.dim_area where area_type = 'force'", "parents_are_areas"),
    ("dim_area", "update marts.dim_area set residents_count = 4", "residents_agree_with_the_published_total"),
    (
        "dim_area",
        "insert into marts.dim_area values ('lsoa', 'E01007600', 'ward', 'E05013500', 4, null)",
        "residents_are_the_delivered_ones",
    ),
    (
        "dim_area",
        "update marts.dim_area set residents_count = 8 where area_type = 'ward'",
        "areas_hold_their_parts",
    ),
    ("dim_date", "delete from marts.dim_date where date_day = '2016-05-01'", "no_day_is_missing"),
    ("dim_offence", "delete from marts.dim_offence", "has_rows"),
    (
        "dim_offence",
        "insert into marts.dim_offence values ('8/01', date '2017-04-01', null, 'a list')",
        "validity_does_not_overlap",
    ),
    ("dim_outcome_type", "update marts.dim_outcome_type set source = null", "source_is_given"),
    ("dim_indicator", "update marts.dim_indicator set is_additive = true", "only_counts_and_hours_add_up"),
    ("indicator_values", "delete from marts.indicator_values", "has_rows_where_records_have"),
    (
        "indicator_values",
        "insert into marts.indicator_values from marts.indicator_values limit 1",
        "key_is_unique",
    ),
    (
        "indicator_values",
        "update marts.indicator_values set value = 101 where unit = 'percent' and period_type = 'month'",
        "percentages_within_0_and_100",
    ),
    (
        "indicator_values",
        "update marts.indicator_values set numerator = denominator + 1 where unit = 'percent'",
        "percentages_within_0_and_100",
    ),
    (
        "indicator_values",
        "update marts.indicator_values set value = null where unit = 'percent'",
        "rates_have_a_denominator",
    ),
    (
        "indicator_values",
        "update marts.indicator_values set value = value + 1 where unit = 'count'",
        "counts_are_their_numerator",
    ),
    (
        "indicator_values",
        "update marts.indicator_values set indicator_id = 'unheard_of'",
        "indicators_are_registered",
    ),
    (
        "indicator_values",
        "insert into marts.indicator_values select * replace ('strand' as breakdown_type, 'race' as breakdown, "
        "numerator + 1 as numerator, numerator + 1 as value) from marts.indicator_values where unit = 'count'",
        "breakdowns_within_their_total",
    ),
    (
        "indicator_values",
        "update marts.indicator_values set numerator = 99, value = 99 where indicator_id = 'hate_incidents_race'",
        "parts_within_their_whole",
    ),
    (
        "indicator_values",
        "update marts.indicator_values set numerator = 99, value = 99 where area_type = 'ward' and unit = 'count'",
        "wards_within_the_partnership",
    ),
    (
        "indicator_values",
        "update marts.indicator_values set numerator = numerator + 1, value = value + 1 "
        "where period_type = 'year' and indicator_id = 'hate_incidents'",
        "quarters_add_to_their_year",
    ),
    (
        "indicator_values",
        "delete from marts.indicator_values where period_type = 'month' and period_start = '2016-05-01'",
        "months_add_to_their_quarter",
    ),
    (
        "indicator_values",
        "update marts.indicator_values set numerator = 0, value = 0 where indicator_id like 'hate_incidents%'",
        "figures_are_the_sums_of_their_theme",
    ),
    (
        "indicator_values",
        "update marts.indicator_values set numerator = 2 * numerator where indicator_id = 'marac_referrals'",
        "figures_are_the_sums_of_their_theme",
    ),
    (
        "indicator_values",
        "update marts.indicator_values set denominator = 5 where unit = 'percent'",
        "figures_are_the_sums_of_their_theme",
    ),
    (
        "indicator_values",
        "delete from marts.indicator_values where indicator_id = 'marac_referrals'",
        "every_covered_indicator_has_figures",
    ),
    (
        "indicator_values",
        "delete from marts.indicator_values where indicator_id = 'marac_referrals' and period_start = '2016-07-01'",
        "every_covered_indicator_has_figures",
    ),
    (
        "indicator_values",
        "insert into marts.indicator_values select * replace ('street_crime' as indicator_id, 8 as numerator, 8 as value, "
        "date '2024-05-01' as period_start) from marts.indicator_values where indicator_id = 'hate_incidents' "
        "and period_type = 'month' and period_start = '2016-05-01'",
        "open_data_figures_are_counted_rows",
    ),
    (
        "indicator_values",
        "insert into marts.indicator_values select * replace ('force' as area_type, 'E23000011' as area_code, "
        "0 as numerator) from marts.indicator_values where area_type = 'csp'",
        "partnerships_within_their_force",
    ),
    (
        "indicator_values",
        "update marts.indicator_values set denominator = 47 where unit = 'percent' and period_type = 'year'",
        "parts_of_rates_add_to_their_year",
    ),
    ("scorecard", "delete from marts.scorecard", "every_figure_of_the_home_area_has_a_row"),
    (
        "scorecard",
        "update marts.scorecard set period_start = '2016-04-01' where period_type = 'quarter'",
        "the_latest_final_figure_is_shown",
    ),
    ("scorecard", "update marts.scorecard set value = value + 1", "figures_are_those_of_indicator_values"),
    (
        "scorecard",
        "update marts.scorecard set is_target_met = not is_target_met",
        "targets_are_met_where_the_figure_meets_them",
    ),
    ("scorecard", "update marts.scorecard set target = null", "targets_are_met_where_the_figure_meets_them"),
    ("scorecard", "update marts.scorecard set lower_95 = value + 1", "intervals_hold_their_figure"),
    ("repeat_victims", "delete from marts.repeat_victims", "has_rows_where_indicators_have"),
    ("repeat_victims", "update marts.repeat_victims set events_count = 3", "each_person_has_enough_events"),
    ("repeat_victims", "update marts.repeat_victims set persons_count = 0", "agrees_with_indicator_values"),
    (
        "hate_crime_outcome_rate",
        "update marts.hate_crime_outcome_rate set value = 100.1",
        "value_is_in_range",
    ),
    (
        "hate_crime_outcome_rate",
        "update marts.hate_crime_outcome_rate set denominator = 0",
        "outcomes_within_crimes",
    ),
    (
        "hate_crime_outcome_rate",
        "update marts.hate_crime_outcome_rate set numerator = 3 where period_type = 'year'",
        "quarters_add_to_their_year",
    ),
    ("marac_repeats", "update marts.marac_repeats set repeats_count = 99", "repeats_within_cases"),
    ("street_crime_monthly", "update marts.street_crime_monthly set crimes = 9", "no_row_is_dropped"),
    (
        "reconciliation",
        "delete from marts.reconciliation",
        "every_release_is_held_beside_what_was_published",
    ),
    (
        "reconciliation",
        "update marts.reconciliation set holds = false where kind = 'ons'",
        "open_data_agree_with_ons",
    ),
    (
        "reconciliation",
        "update marts.reconciliation set holds = false where kind = 'report'",
        "published_figures_are_equal",
    ),
    ("feed_conservation", "delete from marts.feed_conservation", "has_rows"),
    (
        "feed_conservation",
        "update marts.feed_conservation set current_count = 9 where feed = 'syp_crimes'",
        "accepted_is_current_and_superseded",
    ),
    (
        "feed_conservation",
        "update marts.feed_conservation set rows_read_count = 9",
        "read_is_accepted_and_quarantined",
    ),
    ("record_conservation", "delete from marts.fct_fire where incident_ref = 'F3'", "records_are_conserved"),
    (
        "record_conservation",
        "insert into marts.fct_survey_response from marts.fct_survey_response limit 1",
        "records_are_conserved",
    ),
    ("record_conservation", "delete from marts.fct_ons_recorded_crime", "records_are_conserved"),
    ("record_conservation", "update marts.dim_lsoa set residents_count = null", "records_are_conserved"),
    (
        "record_conservation",
        "update marts.feed_conservation set feed = 'police_drones' where feed = 'srp_survey'",
        "every_visible_feed_is_counted",
    ),
    (
        "released_columns",
        "alter table marts.fct_crime add column complainant_birth_date date",
        "no_personal_column_of_a_contract",
    ),
    (
        "released_columns",
        "alter table marts.fct_crime add column home_postcode varchar",
        "no_column_that_sounds_personal",
    ),
    (
        "released_columns",
        "alter table marts.fct_crime add column addresses varchar",
        "no_column_that_sounds_personal",
    ),
    ("released_columns", "create view marts.looks_elsewhere as select 1 as a", "tables_only"),
]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return candidate(tmp_path_factory.mktemp("candidate") / "srp.duckdb")


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return beside_candidate(tmp_path_factory.mktemp("beside"))


def test_a_sound_candidate_passes(sound: Path, beside: dict[str, Path]) -> None:
    verdicts = judge(sound, "candidate", suites=EXPECTATIONS_DIR, attached=beside)
    assert [verdict.message for verdict in verdicts if not verdict.success] == []


@pytest.mark.parametrize(("suite", "damage", "broken"), CANDIDATE_DAMAGE)
def test_the_candidate_gate_fires(
    tmp_path: Path, sound: Path, beside: dict[str, Path], suite: str, damage: str, broken: str
) -> None:
    path = tmp_path / "srp.duckdb"
    path.write_bytes(sound.read_bytes())
    execute(path, damage)
    verdicts = judge(path, "candidate", suites=only(tmp_path, "candidate", suite), attached=beside)
    assert broken in _broken(verdicts)
    assert [v.message for v in verdicts if "could not be judged" in v.message] == []


def test_every_mart_that_is_judged_is_broken_by_a_test() -> None:
    judged = {suite.name for suite in load_suites(EXPECTATIONS_DIR, "candidate")}
    assert judged >= set(MARTS)
    assert {suite for suite, _, _ in CANDIDATE_DAMAGE} <= judged
    assert set(MARTS) <= {suite for suite, _, _ in CANDIDATE_DAMAGE}


def test_an_indicator_that_two_themes_count_is_refused(
    tmp_path: Path, sound: Path, beside: dict[str, Path]
) -> None:
    built = tmp_path / "build.duckdb"
    built.write_bytes(beside["build"].read_bytes())
    execute(built, "insert into indicators_build.theme_asb from indicators_build.theme_marac")
    suites = only(tmp_path, "candidate", "indicator_values")
    verdicts = judge(sound, "candidate", suites=suites, attached={**beside, "build": built})
    assert {"one_theme_counts_an_indicator", "figures_are_the_sums_of_their_theme"} <= _broken(verdicts)


def test_records_without_a_home_area_are_left_out_by_a_named_rule_and_told(
    tmp_path: Path, sound: Path, beside: dict[str, Path]
) -> None:
    path, built = tmp_path / "srp.duckdb", tmp_path / "build.duckdb"
    path.write_bytes(sound.read_bytes())
    built.write_bytes(beside["build"].read_bytes())
    execute(path, "delete from marts.fct_survey_response")
    execute(built, "delete from intermediate.int_home_area")
    suites = only(tmp_path, "candidate", "record_conservation")
    verdicts = judge(path, "candidate", suites=suites, attached={**beside, "build": built})
    assert _broken(verdicts) == {"home_area_is_known"}
    assert refused(verdicts) == []


@pytest.mark.parametrize(("doubled", "found"), [("C1", True), ("C2", False)])
def test_an_added_build_is_judged_by_the_crimes_that_new_deliveries_name(
    tmp_path: Path, sound: Path, doubled: str, found: bool
) -> None:
    path = tmp_path / "srp.duckdb"
    path.write_bytes(sound.read_bytes())
    execute(path, f"update marts.fct_crime set crime_ref = '{doubled}' where crime_ref = 'C5'")
    added = beside_candidate(tmp_path, new="4")
    verdicts = judge(path, "candidate", suites=only(tmp_path, "candidate", "fct_crime"), attached=added)
    assert ("key_is_unique" in _broken(verdicts)) is found


def test_open_data_alone_is_a_sound_candidate(tmp_path: Path, sound: Path, beside: dict[str, Path]) -> None:
    path = tmp_path / "srp.duckdb"
    path.write_bytes(sound.read_bytes())
    police = "('fct_crime'), ('fct_incident'), ('fct_marac_case'), ('fct_asb_report'), ('repeat_victims'), "
    police += "('hate_crime_outcome_rate'), ('marac_repeats'), ('fct_fire'), ('fct_survey_response')"
    with duckdb.connect(str(path)) as connection:
        for (table,) in connection.execute(f"from (values {police})").fetchall():
            connection.execute(f"delete from marts.{table}")
        connection.execute(
            "delete from marts.feed_conservation where not (feed like 'ons%' or feed = 'police_uk_street')"
        )
        for table in ("indicator_values", "scorecard", "dim_indicator"):
            connection.execute(f"delete from marts.{table} where indicator_id <> 'hate_incidents'")
    verdicts = judge(path, "candidate", suites=EXPECTATIONS_DIR, attached=beside)
    assert [verdict.message for verdict in verdicts if not verdict.success] == []
