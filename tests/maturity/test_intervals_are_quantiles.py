"""The closed-form interval against SciPy's beta-binomial of the same mean and variance."""

from __future__ import annotations

import math

import pytest
from scipy import stats

from dagster_srp.report.maturity.models import LadderModels


@pytest.mark.parametrize("crimes", [20, 80, 500])
@pytest.mark.parametrize("share", [0.02, 0.1, 0.3, 0.5, 0.7, 0.95])
def test_bounds_lie_within_one_outcome_of_the_beta_binomial(
    compiled: dict[str, str], crimes: int, share: float
) -> None:
    older = 2000
    come = round(older * share)
    with LadderModels(compiled) as models:
        models.connection.execute(
            """
            create or replace table build.indicators_build.outcome_development as
            select
                'hate_crimes' as measure, outcome_set, 'csp' as area_type, 'here' as area_code,
                cohort_start_date, cohort_start_date + 89 as cohort_end_date, age_days, true as is_ladder_age,
                false as is_compared_age, age_days = 360 or is_older as is_observed,
                if(is_older, $older, $crimes)::bigint as crimes_count,
                if(age_days = 360, 0, $come)::bigint as outcomes_count,
                (if(is_older, $older, $crimes) - if(age_days = 360, 0, $come))::bigint as without_outcome_count
            from (values (date '2016-01-01', true), (date '2017-01-01', false)) as cohorts (cohort_start_date, is_older)
            cross join (values (360), (390)) as ages (age_days)
            cross join (values ('any_outcome')) as sets (outcome_set)
            """,
            {"older": older, "crimes": crimes, "come": come},
        )
        models.build("outcome_steps", "outcome_projection")
        [bounds] = models.rows(
            "select lower_80_pct, upper_80_pct, lower_95_pct, upper_95_pct from build.indicators_build.outcome_projection"
            " where cohort_start_date = '2017-01-01'"
        )
    expected = stats.betabinom(crimes, come + 0.5, older - come + 0.5)
    quantiles = [expected.ppf(level) for level in (0.1, 0.9, 0.025, 0.975)]
    for found, quantile in zip(bounds, quantiles, strict=True):
        assert abs(found * crimes / 100 - quantile) <= 1 + 1e-6


def settled_cohort(models: LadderModels, older_without: int) -> tuple[float, ...]:
    """The interval of a cohort whose every crime has an outcome, under three older ones that were corrected since."""
    models.connection.execute(
        """
        create or replace table build.indicators_build.outcome_development as
        select
            'hate_crimes' as measure, outcome_set, 'csp' as area_type, 'here' as area_code,
            cohort_start_date, cohort_start_date + 89 as cohort_end_date, age_days, true as is_ladder_age,
            false as is_compared_age, age_days = 360 or is_older as is_observed, 100::bigint as crimes_count,
            if(age_days = 360, 40, later)::bigint as outcomes_count,
            if(is_older and age_days = 360, $older_without, 0)::bigint as without_outcome_count
        from (values
            (date '2016-01-01', true, 44), (date '2016-04-01', true, 42), (date '2016-07-01', true, 46),
            (date '2017-01-01', false, null)
        ) as cohorts (cohort_start_date, is_older, later)
        cross join (values (360), (390)) as ages (age_days)
        cross join (values ('any_outcome')) as sets (outcome_set)
        """,
        {"older_without": older_without},
    )
    models.build("outcome_steps", "outcome_projection")
    [row] = models.rows(
        "select expected_ultimate, expected_ultimate_std_error, projected_pct, lower_95_pct, upper_95_pct"
        " from build.indicators_build.outcome_projection where cohort_start_date = '2017-01-01'"
    )
    return tuple(row)


def test_where_every_crime_has_an_outcome_the_interval_is_macks_in_whole_outcomes(
    compiled: dict[str, str],
) -> None:
    with LadderModels(compiled) as models:
        ultimate, error, projected, lower, upper = settled_cohort(models, older_without=0)
    z = stats.norm.ppf(0.975)
    assert (projected, lower, upper) == (
        pytest.approx(44),
        math.floor(ultimate - z * error),
        math.ceil(ultimate + z * error),
    )


def test_where_older_cohorts_still_waited_a_cohort_without_open_crimes_is_through(
    compiled: dict[str, str],
) -> None:
    with LadderModels(compiled) as models:
        *_, projected, lower, upper = settled_cohort(models, older_without=10)
    assert (projected, lower, upper) == (40, 40, 40)
