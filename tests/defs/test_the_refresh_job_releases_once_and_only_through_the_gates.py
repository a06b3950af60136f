"""In order: each test finds the home as the one before left it."""

import dagster as dg
import duckdb
import pytest

from dagster_srp.home import Home
from dagster_srp.refresh import Refresh
from dagster_srp.release import read_manifest

from .small_home import AREAS, MEETING, SmallHome

AFTER_LANDING = {"gate_landing", "build_staging", "gate_staging", "build_marts", "gate_candidate", "release"}


def skipped(result: dg.ExecuteInProcessResult) -> set[str]:
    return {str(e.step_key) for e in result.all_events if e.event_type is dg.DagsterEventType.STEP_SKIPPED}


def failures(result: dg.ExecuteInProcessResult) -> str:
    """What a person reads of a run that failed."""
    said = []
    for event in result.all_events:
        error = getattr(event.event_specific_data, "error", None)
        while error is not None:
            said.append(error.message)
            error = error.cause
    return "\n".join(said)


def test_a_first_refresh_releases(small_home: SmallHome) -> None:
    small_home.deliver("ons_lad_csp_pfa", "areas_2024-04-01.csv", AREAS)
    small_home.deliver("srp_attendance", "board_2016-06-02.csv", MEETING)
    result = small_home.refresh()
    assert result.success, failures(result)

    released = small_home.said_of("release")
    assert released["release"] == "r0001"
    assert released["known at"].startswith("2024-04-01")
    landed = small_home.said_of("raw/srp_attendance")
    assert (landed["accepted"], landed["quarantined"], landed["deliveries"]) == (2, 0, 1)
    assert landed["last delivery"] == "board_2016-06-02.csv"
    assert len(landed["last delivery sha256"]) == 64
    mart = small_home.said_of("marts/fct_board_attendance")
    assert mart["dagster/row_count"] == 2
    column = next(c for c in mart["dagster/column_schema"].columns if c.name == "organisation")
    assert column.description
    judged = {e.check_name for e in result.get_asset_check_evaluations()}
    assert {"landing_gate", "staging_gate", "candidate_gate"} <= judged


def test_with_nothing_new_everything_after_landing_is_skipped_and_the_release_stands(
    small_home: SmallHome,
) -> None:
    result = small_home.refresh()
    assert result.success
    assert skipped(result) == AFTER_LANDING
    (observed,) = [e for e in result.all_events if e.event_type is dg.DagsterEventType.ASSET_OBSERVATION]
    assert observed.asset_key == dg.AssetKey("release")
    assert observed.asset_observation_data.asset_observation.metadata["release"].value == "r0001"


def test_a_second_refresh_at_the_same_time_says_that_one_is_running(small_home: SmallHome) -> None:
    with Home(small_home.root).lock():
        result = small_home.refresh()
    assert not result.success
    assert f"Another refresh of {small_home.root} is running" in failures(result)


def test_all_that_came_held_is_a_failed_run_that_says_whose_file_and_what_to_do(
    small_home: SmallHome,
) -> None:
    small_home.deliver("srp_attendance", "board_2016-06-20.csv", MEETING.replace("Meeting", "Day"))
    result = small_home.refresh()
    assert not result.success
    said = failures(result)
    assert "srp_attendance, board_2016-06-20.csv: Column 'Meeting' of the contract is missing" in said
    assert "`srp deliveries --held`" in said
    assert Home(small_home.root).released.resolve().name == "r0001"


def test_a_quarter_s_release_never_becomes_current_and_touches_no_asset(small_home: SmallHome) -> None:
    job = small_home.definitions.resolve_job_def("release_as_at")
    result = job.execute_in_process(
        partition_key="2016-10-01", instance=small_home.instance, raise_on_error=False
    )
    assert result.success, failures(result)
    manifest = read_manifest(small_home.root / "releases" / "r0002" / "manifest.json")
    assert (manifest.as_at, str(manifest.known_at)[:10]) == ("2016-12-31T23:59:59", "2016-06-02")
    assert Home(small_home.root).released.resolve().name == "r0001"
    assert small_home.said_of("release")["release"] == "r0001"


def test_what_no_new_delivery_leads_to_stands_and_holds_nothing_up(small_home: SmallHome) -> None:
    meeting = MEETING.replace("01/06/2016", "06/07/2016")
    small_home.deliver("srp_attendance", "board_2016-07-07.csv", meeting)
    result = small_home.refresh()
    assert result.success, failures(result)
    assert small_home.said_of("marts/fct_crime")["built"] == "stands as it was"
    assert small_home.said_of("marts/fct_board_attendance")["dagster/row_count"] == 4
    assert Home(small_home.root).released.resolve().name == "r0003"


def test_broken_data_fails_its_check_and_is_not_released(
    small_home: SmallHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The data is broken behind the contract's back, between landing and its gate."""
    land = Refresh.land

    def land_and_break(refresh: Refresh, feeds: object = None) -> object:
        landed = land(refresh, feeds)  # type: ignore[arg-type]
        with duckdb.connect(str(refresh.workplace.landing)) as connection:
            connection.execute("insert into raw.srp_attendance select * from raw.srp_attendance")
        return landed

    monkeypatch.setattr(Refresh, "land", land_and_break)
    secret = "Zebrafish Housing"
    small_home.deliver(
        "srp_attendance",
        "board_2016-09-08.csv",
        f"Meeting,Organisation,Attendance\n07/09/2016,{secret},absent\n",
    )
    result = small_home.refresh()
    assert not result.success
    check = next(
        e
        for e in result.get_asset_check_evaluations()
        if e.asset_key == dg.AssetKey(["raw", "srp_attendance"]) and e.check_name == "landing_gate"
    )
    assert not check.passed and check.severity is dg.AssetCheckSeverity.ERROR
    assert "raw.srp_attendance" in str(check.description)
    assert "landing gate: raw.srp_attendance" in failures(result)
    assert Home(small_home.root).released.resolve().name == "r0003"
    assert secret not in repr(result.all_events), "an event holds a row's value"


def test_one_step_alone_is_refused(small_home: SmallHome) -> None:
    job = small_home.definitions.resolve_implicit_global_asset_job_def()
    result = job.execute_in_process(
        asset_selection=[dg.AssetKey("release")], instance=small_home.instance, raise_on_error=False
    )
    assert not result.success
    assert "launch the job 'refresh'" in failures(result)
