"""The register of indicators and the models that count them say the same, both ways."""

import csv
import re
from pathlib import Path

import jinja2
import pytest

ROOT = Path(__file__).parents[2]
THEMES = ROOT / "dbt_project/models/indicators_build/themes"
MEASURE = re.compile(
    r"\b(?:count|sum)\((?:[^()]|\([^()]*\))*\)(?:\s+filter\s+\((?:[^()]|\([^()]*\))*\))?\s+as\s+(\w+)"
)


def seed(name: str) -> list[dict[str, str]]:
    """The rows of a seed."""
    with (ROOT / f"seeds/{name}.csv").open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def measures(path: Path) -> dict[str, set[str]]:
    """What a theme model counts: each indicator with the parts (`numerator`, `denominator` or none) it has lines for."""
    rendered = re.sub(r"\{\{.*?\}\}", "x", path.read_text(), flags=re.DOTALL)
    if "{%" in rendered:
        template = re.sub(r"\{\{ (?!question).*?\}\}", "x", path.read_text(), flags=re.DOTALL)
        rendered = jinja2.Environment().from_string(template).render()
    found: dict[str, set[str]] = {}
    for name in MEASURE.findall(rendered):
        indicator, _, part = name.partition("__")
        found.setdefault(indicator, set()).add(part)
    return found


COUNTED = {path.stem.removeprefix("theme_"): measures(path) for path in sorted(THEMES.glob("theme_*.sql"))}
REGISTER = {row["indicator_id"]: row for row in seed("indicators") if not row["valid_to"]}
REGISTERED_THEMES = {row["theme"] for row in REGISTER.values()}
PERSONS = {row["indicator_id"] for row in seed("repeat_rules")}


def theme_of(model: str) -> str:
    """The registered theme of a model, `<theme>` or `<theme>_<what it reads beside crimes>`; none is no theme."""
    return max(
        (theme for theme in REGISTERED_THEMES if f"{model}_".startswith(f"{theme}_")), key=len, default=""
    )


def test_every_theme_model_is_of_a_registered_theme() -> None:
    assert [model for model in COUNTED if not theme_of(model)] == []


def test_every_registered_indicator_is_counted_once() -> None:
    counted = [indicator for theme in COUNTED.values() for indicator in theme] + sorted(PERSONS)
    assert sorted(counted) == sorted(REGISTER)


@pytest.mark.parametrize("theme", sorted(REGISTERED_THEMES))
def test_a_theme_counts_the_indicators_that_the_register_gives_it(theme: str) -> None:
    registered = {key for key, row in REGISTER.items() if row["theme"] == theme} - PERSONS
    counted = {
        indicator for model, found in COUNTED.items() if theme_of(model) == theme for indicator in found
    }
    assert counted == registered


@pytest.mark.parametrize("theme", COUNTED)
def test_a_percentage_has_two_lines_and_everything_else_one(theme: str) -> None:
    for indicator, parts in COUNTED[theme].items():
        wanted = {"numerator", "denominator"} if REGISTER[indicator]["unit"] == "percent" else {""}
        assert parts == wanted, indicator


def test_every_theme_is_rolled_up() -> None:
    sums = (ROOT / "dbt_project/models/indicators_build/sums/indicator_sum.sql").read_text()
    assert set(re.findall(r"ref\('theme_(\w+)'\)", sums)) == set(COUNTED)


def test_every_measure_by_date_committed_waits_for_its_own_recording_lag() -> None:
    macro = (ROOT / "dbt_project/macros/maturity/committed_measures.sql").read_text()
    measured = set(re.findall(r"^ +'(\w+)': ", macro, re.MULTILINE))
    assert measured == {id_ for id_, row in REGISTER.items() if row["date_basis"] == "committed"}


def test_every_event_set_of_a_repeat_rule_exists() -> None:
    known = re.findall(
        r"'(\w+)' as event_set", (ROOT / "dbt_project/macros/repeats/repeat_events.sql").read_text()
    )
    assert {row["event_set"] for row in seed("repeat_rules")} <= set(known)
    assert {(row["window_type"], row["anchor"]) for row in seed("repeat_rules")} <= {
        ("within_period", "period_start"),
        ("rolling_months", "period_end"),
    }


def test_every_positive_outcome_set_that_a_theme_names_exists() -> None:
    named = {
        set_id
        for path in THEMES.glob("theme_*.sql")
        for set_id in re.findall(r"join_positive_outcomes\('?\w+'?, '(\w+)'", path.read_text())
    }
    assert named <= {row["set_id"] for row in seed("positive_outcome_sets")}


def test_the_candidate_gate_compares_every_theme_with_the_figures() -> None:
    suite = (ROOT / "expectations/candidate/indicator_values.json").read_text(encoding="utf-8")
    for line in suite.splitlines():
        if "build.indicators_build.theme_" in line:
            assert set(re.findall(r"build\.indicators_build\.theme_(\w+)", line)) == set(COUNTED)
    assert suite.count("build.indicators_build.theme_") == 2 * len(COUNTED)


def test_every_theme_has_a_unit_test_of_what_it_counts_and_leaves_out() -> None:
    tested = {path.name.removesuffix("__unit_tests.yml") for path in THEMES.glob("*__unit_tests.yml")}
    assert tested == {path.stem for path in THEMES.glob("theme_*.sql")}
