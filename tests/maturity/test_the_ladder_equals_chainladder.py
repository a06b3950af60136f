"""SQL's factors, ultimates and Mack standard errors against the Python package chainladder, to 1e-9 relative."""

from __future__ import annotations

import warnings
from typing import Any

import chainladder as cl
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dagster_srp.report.maturity.models import LadderModels

NEAR = {"rel": 1e-9, "abs": 1e-9}


def reference(cells: np.ndarray, recent: int) -> dict[str, Any]:
    """What chainladder makes of a triangle: cohorts by ages, not yet seen is nan."""
    size = len(cells)
    rows = [
        {"origin": f"{2000 + cohort}", "valuation": f"{2000 + cohort + age}", "count": cells[cohort, age]}
        for cohort in range(size)
        for age in range(size - cohort)
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        triangle = cl.Triangle(
            pd.DataFrame(rows), origin="origin", development="valuation", columns="count", cumulative=True
        )
        developed = cl.Development(sigma_interpolation="mack", n_periods=recent).fit_transform(triangle)
        model = cl.MackChainladder().fit(developed)
        return {
            "factors": developed.ldf_.values[0, 0, 0],
            "variances": np.nan_to_num(developed.sigma_.values[0, 0, 0]) ** 2,
            "ultimates": model.ultimate_.values[0, 0, :, -1],
            "std_errors": np.nan_to_num(model.mack_std_err_.values[0, 0, :, -1]),
        }


def ours(models: LadderModels, cells: np.ndarray, recent: int) -> dict[str, Any]:
    """What the models make of it: the cohorts are quarters, the ages steps of 30 days."""
    size = len(cells)
    rows = [
        (
            cohort,
            30 * (age + 1),
            age < size - cohort,
            int(cells[cohort, age]) if age < size - cohort else None,
        )
        for cohort in range(size)
        for age in range(size)
    ]
    models.connection.register(
        "triangle",
        pd.DataFrame(rows, columns=["cohort", "age_days", "is_observed", "outcomes"]).convert_dtypes(),
    )
    models.connection.execute(
        """
        create or replace table build.indicators_build.outcome_development as
        select
            'hate_crimes' as measure, unnest(['any_outcome', 'published_2018_19']) as outcome_set, 'csp' as area_type,
            'here' as area_code, (date '2000-01-01' + to_months(3 * cohort::integer))::date as cohort_start_date,
            (date '2000-04-01' + to_months(3 * cohort::integer))::date - 1 as cohort_end_date,
            age_days::integer as age_days, true as is_ladder_age, false as is_compared_age, is_observed,
            1000000000 as crimes_count, outcomes::bigint as outcomes_count,
            1000000000 - outcomes::bigint as without_outcome_count
        from triangle
        """
    )
    models.connection.execute(
        "update build.seeds.ladder_rules set value = $1 where rule = 'recent_cohorts'", [recent]
    )
    models.build("outcome_steps", "outcome_projection")
    steps = models.rows(
        "select factor, variance from build.indicators_build.outcome_steps where outcome_set = 'any_outcome' order by age_days"
    )
    ends = models.rows(
        "select expected_ultimate, expected_ultimate_std_error from build.indicators_build.outcome_projection"
        " where outcome_set = 'any_outcome' order by cohort_start_date"
    )
    return {
        "factors": [factor for factor, _ in steps],
        "variances": [variance for _, variance in steps],
        "ultimates": [ultimate for ultimate, _ in ends],
        "std_errors": [std_error for _, std_error in ends],
    }


def assert_equal(models: LadderModels, cells: np.ndarray, recent: int = 1000) -> None:
    expected = reference(cells, recent if recent < len(cells) else -1)
    found = ours(models, cells, recent)
    for name, values in expected.items():
        assert found[name] == pytest.approx(list(values), **NEAR), name


@pytest.mark.parametrize("sample", ["raa", "genins", "ukmotor", "abc", "mw2014"])
def test_published_triangles(compiled: dict[str, str], sample: str) -> None:
    cells = np.round(cl.load_sample(sample).values[0, 0])
    with LadderModels(compiled) as models:
        assert_equal(models, cells)


def test_only_the_latest_cohorts_count(compiled: dict[str, str]) -> None:
    cells = np.round(cl.load_sample("genins").values[0, 0])
    with LadderModels(compiled) as models:
        assert_equal(models, cells, recent=4)


@st.composite
def triangles(draw: st.DrawFn) -> np.ndarray:
    size = draw(st.integers(4, 9))
    cells = np.full((size, size), np.nan)
    for cohort in range(size):
        total = 0
        for age in range(size - cohort):
            total += draw(st.integers(1 if age == 0 else 0, 400))
            cells[cohort, age] = total
    return cells


@given(cells=triangles())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_triangle(compiled: dict[str, str], cells: np.ndarray) -> None:
    with LadderModels(compiled) as models:
        assert_equal(models, cells)
