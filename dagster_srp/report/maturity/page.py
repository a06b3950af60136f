"""docs/maturity.md: the measured coverage as tables, in the words of the template beside this module."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dagster_srp.building.code import PROJECT_ROOT
from dagster_srp.report.maturity.coverage import AGE_BANDS, Case, Coverage, coverage
from dagster_srp.report.maturity.demo_extracts import demo_cases
from dagster_srp.report.maturity.models import LadderModels, compile_models
from dagster_srp.report.maturity.open_data import open_data_cases
from dagster_srp.report.maturity.synthetic import WORLDS, world_cases

PAGE = PROJECT_ROOT / "docs" / "maturity.md"
SETS = {"any_outcome": "any", "published_2018_19": "positive"}
SEED = 20160401


@dataclass(frozen=True)
class Line:
    """One line of a coverage table."""

    where: str
    outcomes: str
    ages: str
    coverage: Coverage


@dataclass(frozen=True)
class Section:
    """One source of cases."""

    title: str
    text: str
    lines: list[Line]


@dataclass(frozen=True)
class FinalLine:
    """What became of the cohorts that were called final."""

    where: str
    outcomes: str
    cases: int
    come: float
    change: float


def write_page(open_data: Path, path: Path = PAGE) -> None:
    """Measures everything anew and writes the page; raises FileNotFoundError where the open data are not there."""
    compiled = compile_models()
    synthetic = [case for world in WORLDS for case in world_cases(compiled, world, SEED)]
    demo = demo_cases(compiled)
    published = open_data_cases(compiled, open_data)
    sections = [
        Section(
            "Synthetic cohorts",
            "Sixteen quarters of crimes whose outcomes come over up to 540 days, seen at the end of the sixteenth; 6% of the"
            " later outcomes replace an earlier one, some withdraw it. Each world is drawn many times.",
            lines(synthetic),
        ),
        Section(
            "The demo's extracts",
            "Hate crimes and CSE-tagged crimes of Rotherham, landed and read as they stood on the tenth of each month,"
            " against the last delivery: restatements, late deliveries and withdrawn outcomes included.",
            lines(demo),
        ),
        Section(
            "Two vintages of the open data",
            "Crimes in South Yorkshire as data.police.uk held them in December 2024 and again in April 2025, and in April"
            " and again in June 2025. A neighbourhood is an MSOA with 40 crimes or more; a ladder of eight other places of the"
            " same month projects each. The force closed every crime of some months at once, so that any outcome is certain"
            " there.",
            lines(published, by_age=False),
        ),
    ]
    path.parent.mkdir(exist_ok=True)
    path.write_text(render(compiled, sections, final_lines([*synthetic, *demo])))


def render(compiled: Mapping[str, str], sections: Sequence[Section], finals: Sequence[FinalLine]) -> str:
    """The page's text."""
    with LadderModels(compiled) as models:
        rules = dict(models.rows("select rule, value from build.seeds.ladder_rules where valid_to is null"))
        ages = models.rows(
            "select age_days from build.seeds.maturity_ages where valid_to is null and is_compared_age order by age_days"
        )
        [(last_age,)] = models.rows("select max(age_days) from build.seeds.maturity_ages where is_ladder_age")
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=False,
        autoescape=False,
    )
    words: dict[str, Any] = {
        "rules": rules,
        "compared_ages": [age for (age,) in ages],
        "last_age": last_age,
        "sections": sections,
        "finals": finals,
        "share": lambda value: "-" if value is None else f"{value:.1f}",
    }
    return environment.get_template("page.md.j2").render(words).rstrip("\n") + "\n"


def lines(cases: Sequence[Case], by_age: bool = True) -> list[Line]:
    """The cases by where they come from, set of outcomes and age, in order of first appearance."""
    found = []
    for where in dict.fromkeys(case.where for case in cases):
        for outcome_set, outcomes in SETS.items():
            for first, last in AGE_BANDS if by_age else [(0, 720)]:
                these = [
                    case
                    for case in cases
                    if case.where == where
                    and case.outcome_set == outcome_set
                    and first <= case.age_days <= last
                ]
                if these:
                    ages = f"{first} to {last}" if by_age else "-"
                    found.append(Line(where, outcomes, ages, coverage(these)))
    return found


def final_lines(cases: Iterable[Case]) -> list[FinalLine]:
    """What the cases that were called final still gained or lost."""
    groups: dict[tuple[str, str], list[Case]] = {}
    for case in cases:
        if case.is_final and case.outcome_set in SETS:
            groups.setdefault((case.where, SETS[case.outcome_set]), []).append(case)
    return [
        FinalLine(
            where,
            outcomes,
            len(these),
            100 * sum(case.come for case in these) / max(1, sum(case.end for case in these)),
            sum(100 * abs(case.end - case.come) / case.crimes for case in these) / len(these),
        )
        for (where, outcomes), these in groups.items()
    ]
