from collections.abc import Mapping
from typing import Any

import dagster as dg

from dagster_srp.contracts import load_contracts
from dagster_srp.defs.assets import CANDIDATE, RELEASE, raw_key
from dagster_srp.defs.checks import judged_key
from dagster_srp.defs.dbt import read_project
from dagster_srp.gates import GATES, load_suites
from dagster_srp.refresh import SUITES


def test_the_definitions_load_and_hold_one_job_with_its_schedule_and_sensor_stopped(
    definitions: dg.Definitions,
) -> None:
    dg.Definitions.validate_loadable(definitions)
    assert definitions.resolve_job_def("refresh").executor_def.name == "in_process"
    schedule = definitions.resolve_schedule_def("daily_refresh")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 6 * * *", "Europe/London")
    assert schedule.default_status is dg.DefaultScheduleStatus.STOPPED
    assert definitions.resolve_sensor_def("waiting_delivery").default_status is dg.DefaultSensorStatus.STOPPED


def test_a_raw_asset_names_its_partner_and_its_sensitivity(definitions: dg.Definitions) -> None:
    node = definitions.resolve_asset_graph().get(raw_key("marac_cases"))
    assert node.owners == ["team:marac"]
    assert (node.tags["partner"], node.tags["sensitivity"]) == ("marac", "personal")


def test_every_feed_has_a_raw_asset_with_its_contract_s_columns(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    for feed, contract in load_contracts().items():
        schema = graph.get(raw_key(feed)).metadata["dagster/column_schema"]
        assert [column.name for column in schema.columns] == [column.name for column in contract.columns]


def test_every_model_and_seed_is_an_asset_and_every_test_part_of_a_check(
    definitions: dg.Definitions, manifest: Mapping[str, Any]
) -> None:
    graph = definitions.resolve_asset_graph()
    project = read_project(manifest)
    nodes = manifest["nodes"]
    wanted = {
        dg.AssetKey([n["schema"], n["name"]])
        for n in nodes.values()
        if n["resource_type"] in ("model", "seed")
    }
    assert wanted == {*project.staging.keys, *project.marts.keys}
    assert wanted <= graph.materializable_asset_keys
    tests = {unique_id for unique_id, node in nodes.items() if node["resource_type"] == "test"}
    checks = [*project.staging.tests, *project.marts.tests]
    assert sorted(tests) == sorted(unique_id for check in checks for unique_id in check.names)
    assert {check.spec.key for check in checks} <= graph.asset_check_keys


def test_no_key_is_a_phantom(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    phantoms = set(graph.get_all_asset_keys()) - graph.materializable_asset_keys
    assert not phantoms, f"something depends on, or checks, what nothing makes: {phantoms}"


def test_each_suite_is_a_blocking_check_of_the_table_it_judges(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    for gate in GATES:
        for suite in load_suites(SUITES, gate):
            key = dg.AssetCheckKey(judged_key(suite.table), f"{gate}_gate")
            assert graph.get(key).blocking, suite.name


def test_the_release_stands_on_the_candidate_and_the_candidate_on_every_mart(
    definitions: dg.Definitions, manifest: Mapping[str, Any]
) -> None:
    graph = definitions.resolve_asset_graph()
    assert graph.get(RELEASE).parent_keys == {CANDIDATE}
    marts = {dg.AssetKey(["marts", n["name"]]) for n in manifest["nodes"].values() if n["schema"] == "marts"}
    assert graph.get(CANDIDATE).parent_keys == marts
