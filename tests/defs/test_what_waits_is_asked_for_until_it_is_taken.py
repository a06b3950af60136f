import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from dagster_srp.attempts import Recorder

from .small_home import AREAS, MEETING, SmallHome


@pytest.fixture
def home(tmp_path: Path, manifest: Mapping[str, Any]) -> SmallHome:
    return SmallHome(tmp_path, manifest)


def looked(home: SmallHome, cursor: str | None = None) -> Any:
    sensor = home.definitions.resolve_sensor_def("waiting_delivery")
    return sensor(dg.build_sensor_context(instance=home.instance, cursor=cursor))


def later(cursor: str) -> str:
    """The cursor as it would be had an hour gone by."""
    said = json.loads(cursor)
    moment = dt.datetime.fromisoformat(said["next_at"]) - dt.timedelta(hours=1)
    return json.dumps({**said, "next_at": moment.isoformat()})


def test_an_empty_inbox_asks_for_nothing(home: SmallHome) -> None:
    assert isinstance(looked(home), dg.SkipReason)


def test_a_partial_upload_asks_for_nothing(home: SmallHome) -> None:
    home.deliver("srp_attendance", "board_2016-06-02.csv.part", MEETING)
    assert isinstance(looked(home), dg.SkipReason)


def test_a_waiting_file_asks_for_one_run_at_a_time(home: SmallHome) -> None:
    home.deliver("srp_attendance", "board_2016-06-02.csv", MEETING)
    asked = looked(home)
    assert len(asked.run_requests) == 1
    assert isinstance(looked(home, asked.cursor), dg.SkipReason)


def test_a_file_that_still_waits_is_asked_for_again_and_waits_twice_as_long(home: SmallHome) -> None:
    home.deliver("srp_attendance", "board_2016-06-02.csv", MEETING)
    first = looked(home)
    again = looked(home, later(first.cursor))
    assert len(again.run_requests) == 1
    assert json.loads(again.cursor)["wait"] == 2 * json.loads(first.cursor)["wait"]


def test_another_file_is_asked_for_at_once(home: SmallHome) -> None:
    home.deliver("srp_attendance", "board_2016-06-02.csv", MEETING)
    first = looked(home)
    home.deliver("srp_attendance", "board_2016-09-08.csv", MEETING)
    assert len(looked(home, first.cursor).run_requests) == 1


def landed_only(home: SmallHome) -> None:
    home.deliver("ons_lad_csp_pfa", "areas_2024-04-01.csv", AREAS)
    job = home.definitions.resolve_implicit_global_asset_job_def()
    assert job.execute_in_process(
        asset_selection=[dg.AssetKey(["raw", "ons_lad_csp_pfa"])], instance=home.instance
    ).success


def test_a_landed_delivery_whose_refresh_was_killed_is_asked_for(home: SmallHome) -> None:
    landed_only(home)
    Recorder(home.root, None).step("build staging")
    assert len(looked(home).run_requests) == 1


def test_a_landed_delivery_that_a_gate_refused_waits_for_a_person(home: SmallHome) -> None:
    landed_only(home)
    Recorder(home.root, None).end("refused", reason="a gate", next_step="decide")
    skipped = looked(home)
    assert isinstance(skipped, dg.SkipReason) and "was refused" in str(skipped.skip_message)


def test_the_schedule_starts_nothing_where_nothing_waits(home: SmallHome) -> None:
    schedule = home.definitions.resolve_schedule_def("daily_refresh")
    context = dg.build_schedule_context(instance=home.instance)
    assert isinstance(schedule.evaluate_tick(context).skip_message, str)
    home.deliver("srp_attendance", "board_2016-06-02.csv", MEETING)
    assert len(schedule.evaluate_tick(context).run_requests) == 1
