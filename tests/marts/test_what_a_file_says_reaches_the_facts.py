"""From a partner's file through landing and dbt to the flags and keys of a fact."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from dagster_srp.building import Dbt, dbt_environment, prepare_build
from dagster_srp.demo import write_demo
from dagster_srp.home import Home
from tests.histories.building import CODE, ENGINE, UNTESTED, land_all
from tests.histories.conftest import LOOKUPS
from tests.landing.room import crime, text

TAGS = ("domestic_abuse; knife", " knife;domestic_abuse;", "Knife;;Domestic_Abuse")
STRANDS = ("race; religion", " religion;race;", "Race;;RELIGION")
NAMES = ("Łukasz", "Lukasz", "LUKASZ", "Олена", "Ольга", "NULL")


def _crimes() -> list[dict[str, str]]:
    listed = [
        crime(number, **{"Tags": tags, "Hate Strands": strands})
        for number, (tags, strands) in enumerate(zip(TAGS, STRANDS, strict=True), 1)
    ]
    nobody = {"Complainant Ref": "N/A", "Complainant Surname": "Straße"}
    named = [
        crime(number, **nobody, **{"Complainant Forename": name}) for number, name in enumerate(NAMES, 11)
    ]
    return [
        *listed,
        *named,
        crime(21, **{"Complainant Ref": "P\u200b9"}),
        crime(22, **{"Complainant Ref": "P9"}),
    ]


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    """The crimes of the file as they are in `fct_crime`, by reference."""
    home = Home(tmp_path_factory.mktemp("facts") / "home")
    home.make(demo=True)
    write_demo(home.inbox, only=LOOKUPS)
    path = Path(home.inbox / "syp_crimes" / "crimes_2024-06-30.csv")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text(_crimes()), encoding="utf-8")
    land_all(home)
    prepare_build(
        home.workplace,
        release_id="r0001",
        as_at=None,
        is_demo=True,
        pseudonym_key=home.pseudonym_key,
        code_fingerprint=CODE,
        reference_feeds=[],
        engine=ENGINE,
        full=True,
    )
    Dbt(dbt_environment(home.workplace, ENGINE))("build", "--select", "+fct_crime", *UNTESTED)
    with duckdb.connect(str(home.workplace.candidate), read_only=True) as connection:
        rows = connection.execute("select * from marts.fct_crime")
        names = [name for name, *_ in rows.description or []]
        return {row["crime_ref"]: row for row in (dict(zip(names, r, strict=True)) for r in rows.fetchall())}


@pytest.mark.parametrize("number", range(1, len(TAGS) + 1))
def test_every_writing_of_a_list_gives_the_same_flags(
    facts: dict[str, dict[str, object]], number: int
) -> None:
    row = facts[f"SYP/24/{number:06d}"]
    true = {name for name, value in row.items() if name.startswith("is_") and value is True}
    assert {"is_domestic_abuse", "is_hate_crime", "is_hate_race", "is_hate_religion"} <= true
    assert "is_hate_disability" not in true
    assert {n for n in true if "knife" in n}, sorted(true)


def _keys(facts: dict[str, dict[str, object]], *numbers: int) -> list[object]:
    return [facts[f"SYP/24/{number:06d}"]["complainant_key"] for number in numbers]


def test_marks_on_latin_letters_make_no_other_person(facts: dict[str, dict[str, object]]) -> None:
    assert len(set(_keys(facts, 11, 12, 13))) == 1


def test_names_of_another_script_have_keys_of_their_own(facts: dict[str, dict[str, object]]) -> None:
    keys = _keys(facts, 11, 14, 15)
    assert None not in keys and len(set(keys)) == 3


def test_nobody_is_nobody(facts: dict[str, dict[str, object]]) -> None:
    assert _keys(facts, 16) == [None]


def test_a_character_that_nobody_sees_makes_no_other_person(facts: dict[str, dict[str, object]]) -> None:
    assert len(set(_keys(facts, 21, 22))) == 1
