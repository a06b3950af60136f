"""Personal columns are followed through the models' queries: a release holds one only as a listed use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from dagster_srp.building import Dbt, dbt_environment
from dagster_srp.contracts import load_contracts
from dagster_srp.duck import Engine, open_file
from dagster_srp.gates.flows import Flows, ModelQuery, follow, judge_flows
from dagster_srp.gates.from_contracts import EXPECTATIONS_DIR
from dagster_srp.home import Workplace

CONTRACTS = load_contracts()
SURNAME = "syp_incidents.caller_surname"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[ModelQuery]]:
    folder = tmp_path_factory.mktemp("flows")
    workplace = Workplace(folder / "landing.duckdb", folder)
    with open_file(workplace.landing, Engine(), read_only=False):
        pass
    yield [ModelQuery(*one) for one in Dbt(dbt_environment(workplace, Engine())).every_query()]


def changed(project: list[ModelQuery], model: str, old: str, new: str) -> Flows:
    assert any(m.name == model and old in m.sql for m in project)
    models = [replace(m, sql=m.sql.replace(old, new, 1)) if m.name == model else m for m in project]
    return follow(models, CONTRACTS)


def mart_of(sql: str, *before: str) -> Flows:
    """What flows into one mart, through staging models `stg_1`, `stg_2` ... that stand before it."""
    models = [ModelQuery("staging", f"stg_{n}", one) for n, one in enumerate(before, 1)]
    return follow([ModelQuery("marts", "fct", sql), *models], CONTRACTS)


def test_the_models_of_the_project_release_no_personal_column(project: list[ModelQuery]) -> None:
    assert len(project) > 150
    assert [
        v.message for v in judge_flows(follow(project, CONTRACTS), EXPECTATIONS_DIR) if not v.success
    ] == []


def test_every_listed_use_is_made(project: list[ModelQuery]) -> None:
    text = (EXPECTATIONS_DIR / "personal_uses.yml").read_text(encoding="utf-8")
    assert {u.personal for u in follow(project, CONTRACTS).uses} == {
        line.split("- ")[1] for line in text.splitlines() if line.startswith("      - ")
    }


def test_a_surname_in_place_of_a_code_is_refused_with_its_path(project: list[ModelQuery]) -> None:
    flows = changed(project, "fct_incident", ".asb_qualifier,", ".caller_surname as asb_qualifier,")
    said = judge_flows(flows, EXPECTATIONS_DIR)[0]
    assert not said.success
    assert f"marts.fct_incident.asb_qualifier holds {SURNAME} (through " in said.message
    assert "stg_syp_incidents > " in said.message


def test_a_victims_reference_appended_to_a_code_is_refused(project: list[ModelQuery]) -> None:
    new = "referring_agency || victim_ref as referring_agency,"
    flows = changed(project, "int_marac_case", "referring_agency,", new)
    assert any(
        "fct_marac_case.referring_agency holds marac_cases.victim_ref" in one for one in flows.released
    )


def test_a_second_use_of_a_pseudonym_is_refused_until_it_is_listed() -> None:
    sql = "select substr(sha256(secret.key || '|' || caller_surname), 1, 16) as k from raw.syp_incidents, control.x as secret"
    flows = mart_of(sql)
    assert flows.released == []
    said = judge_flows(flows, EXPECTATIONS_DIR)[1]
    assert not said.success
    assert f"fct makes a pseudonym of {SURNAME}" in said.message


@pytest.mark.parametrize(
    "expression",
    [
        "caller_surname",
        "concat('x', caller_surname)",
        "coalesce(null, caller_surname)",
        "case when true then 'a' else lower(caller_surname) end",
        "max(caller_surname)",
        "first_value(caller_surname) over ()",
        "(select max(s.caller_surname) from raw.syp_incidents as s)",
        "{'a': caller_surname}",
        "substr(sha256(caller_surname), 1, 16)",
        "some_function_of_tomorrow(caller_surname)",
    ],
)
def test_an_expression_that_holds_a_name_is_refused(expression: str) -> None:
    flows = mart_of(f"select {expression} as c from raw.syp_incidents")
    assert flows.released == [f"marts.fct.c holds {SURNAME} (through fct)"]


def test_a_chain_of_models_and_stars_is_followed() -> None:
    flows = mart_of(
        "with a as (select * from staging.stg_2) select x.y as c from a as x",
        "select * from raw.syp_incidents",
        "select caller_surname as y from staging.stg_1 union all select null",
    )
    assert flows.released == [f"marts.fct.c holds {SURNAME} (through stg_1 > stg_2 > fct)"]


@pytest.mark.parametrize(
    ("expression", "kind"), [("count(distinct caller_surname)", "count"), ("caller_surname is null", "flag")]
)
def test_a_count_or_a_flag_is_a_use_and_no_value(expression: str, kind: str) -> None:
    flows = mart_of(f"select {expression} as c from raw.syp_incidents")
    assert (flows.released, [use.kind for use in flows.uses]) == ([], [kind])


def test_a_column_that_only_joins_filters_or_orders_does_not_flow() -> None:
    flows = mart_of(
        "select a.incident_ref, row_number() over (order by a.caller_surname) as n from raw.syp_incidents as a"
        " join raw.rmbc_asb_reports as b on a.caller_surname = b.caller_surname where a.caller_postcode <> ''"
    )
    assert (flows.released, flows.uses, flows.unclear) == ([], set(), [])


@pytest.mark.parametrize(
    "sql",
    [
        "select * from nowhere.known",
        "select columns('.*surname') from raw.syp_incidents",
        "select a.b from (select 1 as c) as a",
        "select from where (",
        "delete from raw.syp_incidents",
    ],
)
def test_what_cannot_be_followed_is_refused(sql: str) -> None:
    flows = mart_of(sql)
    assert len(flows.unclear) == 1
    assert not judge_flows(flows, EXPECTATIONS_DIR)[0].success
