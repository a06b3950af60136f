from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg

from .small_home import MEETING, SmallHome


def evaluated(home: SmallHome) -> object:
    sensor = home.definitions.resolve_sensor_def("waiting_delivery")
    return sensor(dg.build_sensor_context(instance=home.instance))


def test_a_waiting_file_asks_for_one_run_and_a_partial_upload_for_none(
    tmp_path: Path, manifest: Mapping[str, Any]
) -> None:
    home = SmallHome(tmp_path, manifest)
    assert isinstance(evaluated(home), dg.SkipReason)
    home.deliver("srp_attendance", "board_2016-06-02.csv.part", MEETING)
    assert isinstance(evaluated(home), dg.SkipReason)
    home.deliver("srp_attendance", "board_2016-06-02.csv", MEETING)
    first, again = evaluated(home), evaluated(home)
    assert isinstance(first, dg.RunRequest) and isinstance(again, dg.RunRequest)
    assert first.run_key == again.run_key
    home.deliver("srp_attendance", "board_2016-09-08.csv", MEETING)
    later = evaluated(home)
    assert isinstance(later, dg.RunRequest) and later.run_key != first.run_key
