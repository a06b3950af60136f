"""Whether intervals held: each cohort's projection as it stood, beside what came in the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dagster_srp.report.maturity.models import LadderModels

AGE_BANDS = ((30, 60), (90, 150), (180, 270), (300, 360))
"""Ages that are scored together, first and last."""


@dataclass(frozen=True)
class Case:
    """One cohort's interval and its end: `come` outcomes of `end` had come. `mack_*` is the same by a lognormal of Mack's
    standard error, where there is one."""

    where: str
    outcome_set: str
    age_days: int
    crimes: int
    is_final: bool
    in_80: bool
    in_95: bool
    mack_in_80: bool | None
    mack_in_95: bool | None
    width_95: float
    miss: float
    come: int
    end: int


def take_cases(models: LadderModels, where: str, measure: str) -> list[Case]:
    """Every cohort of up to 360 days, against the table `truth`."""
    return [Case(where, *row) for row in models.rows(CASES, measure)]


def write_truth(models: LadderModels) -> None:
    """Where each cohort ended, from the whole of `crimes` and `outcomes`, outside the models: the table `truth`."""
    models.connection.execute(TRUTH)


TRUTH = """
create or replace table memory.main.truth as
with sets as (
    select set_id as outcome_set, outcome_type, valid_from, valid_to from build.seeds.positive_outcome_sets
    union all
    select 'any_outcome', outcome_type, valid_from, valid_to from build.seeds.outcome_types where is_outcome
),

latest as (
    select
        crime_ref,
        max_by(outcome_type, (outcome_date, outcome_type::integer)) as outcome_type,
        max(outcome_date) as outcome_date
    from memory.main.outcomes
    group by crime_ref
)

select
    measure,
    outcome_set,
    area_code,
    date_trunc('quarter', recorded_date)::date as cohort_start_date,
    count(*) as crimes_count,
    count(latest.crime_ref) as outcomes_count
from memory.main.crimes
cross join (select distinct outcome_set from sets) as every_set
left join (latest join sets on latest.outcome_type = sets.outcome_type and outcome_date >= valid_from
    and (valid_to is null or outcome_date <= valid_to)) as latest using (crime_ref, outcome_set)
group by all
"""

CASES = """
with ended as (
    select
        c.*,
        -- crimes may be restated: the end's rate, in crimes of the time
        round(t.outcomes_count * c.crimes_count / t.crimes_count) as truth,
        sqrt(ln(1 + power(c.expected_ultimate_std_error / c.expected_ultimate, 2))) as s
    from build.indicators_build.outcome_projection as c
    join memory.main.truth as t using (measure, outcome_set, area_code, cohort_start_date)
    where c.measure = $1 and c.age_days is not null and c.age_days <= 360 and c.projected_pct is not null
)

select
    outcome_set,
    age_days,
    crimes_count,
    is_final,
    100 * truth / crimes_count between lower_80_pct - 1e-6 and upper_80_pct + 1e-6,
    100 * truth / crimes_count between lower_95_pct - 1e-6 and upper_95_pct + 1e-6,
    truth between floor(expected_ultimate * exp(-s * s / 2 - 1.2815515655446004 * s))
        and ceil(expected_ultimate * exp(-s * s / 2 + 1.2815515655446004 * s)),
    truth between floor(expected_ultimate * exp(-s * s / 2 - 1.959963984540054 * s))
        and ceil(expected_ultimate * exp(-s * s / 2 + 1.959963984540054 * s)),
    upper_95_pct - lower_95_pct,
    100 * truth / crimes_count - projected_pct,
    outcomes_count,
    truth::bigint
from ended
order by all
"""


@dataclass(frozen=True)
class Coverage:
    """Shares of cases whose interval held the truth, in percent."""

    cases: int
    in_80: float
    in_95: float
    mack_in_80: float | None
    mack_in_95: float | None
    width_95: float
    bias: float


def coverage(cases: Sequence[Case]) -> Coverage:
    """The cases of one line of the page."""
    mack = [case for case in cases if case.mack_in_80 is not None]
    return Coverage(
        len(cases),
        _percent([case.in_80 for case in cases]),
        _percent([case.in_95 for case in cases]),
        _percent([bool(case.mack_in_80) for case in mack]) if mack else None,
        _percent([bool(case.mack_in_95) for case in mack]) if mack else None,
        sum(case.width_95 for case in cases) / len(cases),
        sum(case.miss for case in cases) / len(cases),
    )


def _percent(held: Sequence[bool]) -> float:
    return 100 * sum(held) / len(held)
