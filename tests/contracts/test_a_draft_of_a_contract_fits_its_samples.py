"""`srp draft`: a first contract from sample files, and how further samples differ from it."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from typer.testing import CliRunner

from dagster_srp.cli import app
from dagster_srp.contracts import Contract, load_contract
from dagster_srp.contracts.draft import differences, draft
from dagster_srp.contracts.profile import Profile
from dagster_srp.demo import write_demo
from dagster_srp.landing.held import Held
from tests.landing.room import Room

FEEDS = ("marac_cases", "srp_events", "syfr_incidents", "syp_crimes", "syp_incidents")
HEADER = "Callout Ref,Date,Moment,Name,Postcode,Kind,Patients,Cost,Tags,Known,Blank"


def callout(number: int, day: str = "25/06/2024") -> str:
    kind, tags = ("fall", "alcohol;night") if number % 2 else ("assault", "night")
    return (
        f"YAS/24/{number:05d},{day},{day} 10:0{number % 10},Ann Example,S60 {number % 9 + 1}AA,{kind},{number % 4},"
        f"{number}.50,{tags},{'Y' if number % 3 else 'N'},"
    )


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    path = tmp_path / "callouts_2024-06-30.csv"
    path.write_text("\n".join([HEADER, *(callout(n) for n in range(1, 61))]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def columns(sample: Path) -> dict[str, Profile]:
    return {column.header: column for column in draft("yas_callouts", [sample]).columns}


@pytest.fixture
def drafted(sample: Path, tmp_path: Path) -> Contract:
    path = tmp_path / "yas_callouts.odcs.yaml"
    path.write_text(draft("yas_callouts", [sample]).text, encoding="utf-8")
    return load_contract(path)


@pytest.fixture(scope="module")
def extracts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("extracts")
    write_demo(folder, scale=0.01, only=FEEDS)
    return folder


@pytest.mark.parametrize(
    ("header", "kind", "form"),
    [
        ("Callout Ref", "string", None),
        ("Date", "date", "%d/%m/%Y"),
        ("Moment", "timestamp", "%d/%m/%Y %H:%M"),
        ("Patients", "integer", None),
        ("Cost", "number", None),
        ("Known", "boolean", None),
    ],
)
def test_types_and_formats_are_found(
    columns: dict[str, Profile], header: str, kind: str, form: str | None
) -> None:
    assert (columns[header].kind, columns[header].format) == (kind, form)


def test_a_reference_of_one_form_gets_its_pattern(columns: dict[str, Profile]) -> None:
    assert columns["Callout Ref"].pattern == r"^YAS/\d{2}/\d{5}$"


def test_few_values_are_listed_and_those_of_a_list_apart(columns: dict[str, Profile]) -> None:
    assert columns["Kind"].values == ("assault", "fall")
    assert (columns["Tags"].separator, columns["Tags"].values) == (";", ("alcohol", "night"))


def test_likely_personal_columns_are_personal_and_their_values_unsaid(
    columns: dict[str, Profile], sample: Path
) -> None:
    assert {header for header, column in columns.items() if column.is_personal} == {"Name", "Postcode"}
    assert "Ann Example" not in draft("yas_callouts", [sample]).text


def test_the_key_is_the_reference(drafted: Contract) -> None:
    assert drafted.key == ("callout_ref",)


def test_an_empty_column_is_asked_about(sample: Path) -> None:
    assert any(q.startswith("Blank: it is always empty") for q in draft("yas_callouts", [sample]).questions)


def test_a_day_that_may_be_a_month_is_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "callouts.csv"
    path.write_text("\n".join([HEADER, *(callout(n, "05/06/2024") for n in range(1, 30))]) + "\n")
    assert (
        "Date: no day above 12 was seen. Is the day or the month first?"
        in draft("yas_callouts", [path]).questions
    )


def test_a_day_that_cannot_be_leaves_a_column_of_days_and_is_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "callouts.csv"
    rows = [callout(n) for n in range(1, 60)] + [callout(60, "31/02/2024")]
    path.write_text("\n".join([HEADER, *rows]) + "\n")
    made = draft("yas_callouts", [path])
    assert {c.kind for c in made.columns if c.header == "Date"} == {"date"}
    assert "Date: 1 of 60 are no days written %d/%m/%Y. Are they errors?" in made.questions


def test_a_draft_is_valid_by_the_standards_own_schema(sample: Path) -> None:
    schema: dict[str, Any] = json.loads(
        files("open_data_contract_standard").joinpath("schema.json").read_text()
    )
    jsonschema.validate(yaml.safe_load(draft("yas_callouts", [sample]).text), schema)


@pytest.mark.parametrize("feed", FEEDS)
def test_samples_of_every_format_land_whole_under_their_draft(
    tmp_path: Path, extracts: Path, feed: str
) -> None:
    samples = sorted((extracts / feed).iterdir())[:3]
    path = tmp_path / f"{feed}.odcs.yaml"
    path.write_text(draft(feed, samples).text, encoding="utf-8")
    room = Room(tmp_path / "home", {feed: load_contract(path)}, takes_demo=True)
    for one in samples:
        room.put(one.read_bytes(), one.name, feed)
    assert {(d.state, d.quarantined, d.accepted > 0) for d in room.land().deliveries} == {
        ("accepted", 0, True)
    }


def test_the_sample_itself_does_not_differ(drafted: Contract, sample: Path) -> None:
    assert differences(drafted, [sample]) == []


def test_a_further_sample_differs_by_rule_and_count(drafted: Contract, tmp_path: Path) -> None:
    other = tmp_path / "callouts_2024-07-31.csv"
    rows = [callout(n).replace("fall", "fire") for n in range(1, 5)]
    other.write_text("\n".join([HEADER, *rows]) + "\n")
    (difference,) = differences(drafted, [other])
    assert (difference.what, difference.broken, difference.rows) == (
        "Kind: not in the contract's values",
        2,
        4,
    )


def test_a_further_sample_differs_by_its_header(drafted: Contract, tmp_path: Path) -> None:
    other = tmp_path / "callouts_2024-07-31.csv"
    other.write_text(HEADER.replace("Kind", "Kinds") + "\n" + callout(1) + "\n")
    (difference,) = differences(drafted, [other])
    assert "'Kind'" in difference.what and "'Kinds'" in difference.what


def test_a_table_under_titles_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("Callouts of 2024,,,\n" + "a,b,c,d\n1,2,3,4\n")
    with pytest.raises(Held, match="Delete the titles"):
        draft("yas_callouts", [path])


def test_the_verb_writes_a_draft_and_then_says_how_samples_differ(sample: Path, tmp_path: Path) -> None:
    words = ["draft", "yas_callouts", str(sample), "--into", str(tmp_path)]
    first = CliRunner().invoke(app, words)
    assert first.exit_code == 0 and "Ask the partner" in first.stdout
    assert (tmp_path / "yas_callouts.odcs.yaml").exists()
    second = CliRunner().invoke(app, words)
    assert second.exit_code == 0 and "keep version 0.1.0" in second.stdout


def test_the_verb_prints_json(sample: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["draft", "yas_callouts", str(sample), "--into", str(tmp_path), "--json"])
    assert {"written", "columns", "questions"} == set(json.loads(done.stdout))


def test_a_name_that_is_no_feeds_is_wrong_use(sample: Path, tmp_path: Path) -> None:
    assert CliRunner().invoke(app, ["draft", "Callouts", str(sample), "--into", str(tmp_path)]).exit_code == 2
