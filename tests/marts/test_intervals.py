"""The intervals and tests of chance that the marts compute in SQL, held against SciPy."""

import math
from collections.abc import Callable
from pathlib import Path

import duckdb
import jinja2
import pytest
from scipy import stats

MACROS = Path(__file__).parents[2] / "dbt_project/macros/indicators/statistics.sql"
Statistic = Callable[..., float | None]


@pytest.fixture(scope="module")
def statistic() -> Statistic:
    """A macro of statistics.sql by its name, evaluated in DuckDB on numbers."""
    macros = jinja2.Environment().from_string(MACROS.read_text()).module
    connection = duckdb.connect()

    def evaluate(name: str, *numbers: float, sign: str | None = None) -> float | None:
        arguments = [f"cast({number!r} as double)" for number in numbers]
        sql = getattr(macros, name)(*arguments, *([sign] if sign else []))
        row = connection.execute(f"select {sql}").fetchone()
        assert row is not None
        return None if row[0] is None else float(row[0])

    return evaluate


@pytest.mark.parametrize("events", [*range(1, 51), 75, 100, 250, 1000, 22000, 121445])
def test_byar_is_close_to_the_exact_poisson_limits(statistic: Statistic, events: int) -> None:
    exact_lower = stats.chi2.ppf(0.025, 2 * events) / 2
    exact_upper = stats.chi2.ppf(0.975, 2 * events + 2) / 2
    assert statistic("byar_lower", events) == pytest.approx(exact_lower, abs=0.035)
    assert statistic("byar_upper", events) == pytest.approx(exact_upper, abs=0.02)


def test_byar_of_no_events_begins_at_zero(statistic: Statistic) -> None:
    assert statistic("byar_lower", 0) == 0
    assert statistic("byar_upper", 0) == pytest.approx(-math.log(0.025), abs=0.03)


@pytest.mark.parametrize(
    ("part", "whole"), [(0, 1), (1, 1), (0, 40), (8, 62), (12, 61), (5, 35), (4, 58), (29, 216), (216, 216)]
)
def test_wilson_equals_scipy(statistic: Statistic, part: int, whole: int) -> None:
    exact = stats.binomtest(part, whole).proportion_ci(0.95, method="wilson")
    assert statistic("wilson_bound", part, whole, sign="-") == pytest.approx(exact.low, abs=1e-12)
    assert statistic("wilson_bound", part, whole, sign="+") == pytest.approx(exact.high, abs=1e-12)


def test_a_change_of_counts_is_judged_as_the_exact_binomial_judges_it(statistic: Statistic) -> None:
    """The normal approximation may differ from the exact test near the line only: p between 0.04 and 0.065."""
    for earlier in range(60):
        for later in range(60):
            if earlier + later == 0:
                continue
            z = statistic("z_of_counts", earlier, later)
            assert z is not None
            exact = float(stats.binomtest(later, earlier + later, 0.5).pvalue)
            if not 0.04 < exact < 0.065:
                assert (abs(z) >= 1.959963984540054) == (exact < 0.05), (earlier, later, z, exact)


def test_five_to_sixteen_is_more_than_chance_and_four_to_six_is_not(statistic: Statistic) -> None:
    rise, slight = statistic("z_of_counts", 5, 16), statistic("z_of_counts", 4, 6)
    assert rise is not None and rise > 1.96
    assert slight is not None and slight < 1.96


def test_no_change_from_nothing_to_nothing(statistic: Statistic) -> None:
    assert statistic("z_of_counts", 0, 0) is None
    assert statistic("z_of_proportions", 0, 10, 0, 12) is None
    assert statistic("z_of_proportions", 3, 10, 0, 0) is None


@pytest.mark.parametrize("counts", [(13, 65, 9, 60), (100, 400, 60, 410), (1, 30, 12, 31)])
def test_two_proportions_equal_the_chi_square_without_correction(
    statistic: Statistic, counts: tuple[int, int, int, int]
) -> None:
    a, n, b, m = counts
    chi_square = stats.chi2_contingency([[a, n - a], [b, m - b]], correction=False).statistic
    z = statistic("z_of_proportions", *counts)
    assert z is not None
    assert z * z == pytest.approx(chi_square)
    assert math.copysign(1, z) == math.copysign(1, b / m - a / n)
