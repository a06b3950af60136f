from __future__ import annotations

import datetime as dt

from .police import Police

D = dt.date
QUARTER = (D(2019, 1, 1), D(2019, 3, 31))


def test_an_age_is_observed_once_the_last_day_of_the_cohort_has_reached_it(police: Police) -> None:
    last_day_of_cohort = QUARTER[1]
    # 31 March and 30 days is 30 April: the extract of the last day of April sees it, that of the month before does not
    police.crime(last_day_of_cohort, ("1", D(2019, 4, 30)))
    assert police.built(D(2019, 3, 31)).counts("any_outcome", 30) == [(QUARTER[0], False, 1, None, None)]
    assert police.built(D(2019, 4, 30)).counts("any_outcome", 30)[0] == (QUARTER[0], True, 1, 1, 0)
    assert police.built(D(2019, 4, 30)).counts("any_outcome", 60)[0] == (QUARTER[0], False, 1, None, None)


def test_an_extract_in_the_middle_of_a_month_speaks_for_the_months_before_it(police: Police) -> None:
    police.crime(QUARTER[1], ("1", D(2019, 4, 30)))
    assert police.built(D(2019, 4, 29)).counts("any_outcome", 30)[0][1] is False


def test_an_outcome_counts_from_its_own_age_on(police: Police) -> None:
    police.crime(D(2019, 1, 1), ("1", D(2019, 1, 31)))  # 30 days
    police.crime(D(2019, 1, 1), ("1", D(2019, 2, 1)))  # 31 days
    police.crime(D(2019, 1, 1), ("1", D(2019, 1, 1)))  # the day itself
    police.built(D(2019, 12, 31))
    assert police.counts("any_outcome", 30)[0][3:] == (2, 1)
    assert police.counts("any_outcome", 60)[0][3:] == (3, 0)


def test_a_leap_day_is_a_day_of_age(police: Police) -> None:
    police.crime(D(2020, 1, 31), ("1", D(2020, 3, 1)))  # 30 days, over 29 February 2020
    police.crime(D(2020, 2, 29), ("1", D(2021, 2, 28)))  # 365 days
    police.crime(D(2020, 2, 29), ("1", D(2021, 3, 1)))  # 366 days
    police.built(D(2021, 12, 31))
    assert police.counts("any_outcome", 30)[0][3] == 1
    assert police.counts("any_outcome", 360)[0][3] == 1
    assert police.counts("any_outcome", 365)[0][3] == 2
    assert police.counts("any_outcome", 390)[0][3] == 3
    rates = police.models.rows(
        "select age_days, rate_pct from srp.marts.rate_at_equal_age where measure = 'hate_crimes' and area_type = 'csp'"
        " and outcome_set = 'any_outcome' and cohort_start_date = '2020-01-01' order by age_days"
    )
    assert rates == [(30, 33.3333333333), (90, 33.3333333333), (180, 33.3333333333), (365, 66.6666666667)]


def test_a_withdrawn_outcome_counts_until_its_withdrawal(police: Police) -> None:
    police.crime(D(2019, 1, 10), ("1", D(2019, 1, 20)), ("0", D(2019, 3, 1)))
    police.built(D(2019, 12, 31))
    for outcome_set in ("any_outcome", "published_2018_19"):
        assert police.counts(outcome_set, 30)[0][3:] == (1, 0)
        assert police.counts(outcome_set, 60)[0][3:] == (0, 1)


def test_an_outcome_that_is_no_longer_positive_leaves_the_set_and_stays_an_outcome(police: Police) -> None:
    police.crime(D(2019, 1, 10), ("1", D(2019, 1, 20)), ("16", D(2019, 3, 1)))
    police.built(D(2019, 12, 31))
    assert police.counts("published_2018_19", 30)[0][3:] == (1, 0)
    assert police.counts("published_2018_19", 60)[0][3:] == (0, 0)
    assert police.counts("any_outcome", 60)[0][3:] == (1, 0)


def test_of_two_outcomes_on_one_day_the_higher_type_stands(police: Police) -> None:
    police.crime(D(2019, 1, 10), ("1", D(2019, 1, 20)), ("16", D(2019, 1, 20)))
    police.built(D(2019, 12, 31))
    assert police.counts("published_2018_19", 30)[0][3] == 0


def test_a_set_holds_a_type_from_its_first_day_on(police: Police) -> None:
    police.crime(D(2019, 3, 20), ("22", D(2019, 3, 31)))
    police.crime(D(2019, 3, 20), ("22", D(2019, 4, 1)))
    police.built(D(2019, 12, 31))
    assert police.counts("with_22", 30)[0][3] == 1


def test_quarters_without_crimes_stand_in_the_triangle(police: Police) -> None:
    police.crime(D(2018, 1, 10))
    police.crime(D(2018, 7, 10))
    police.built(D(2018, 12, 31))
    assert [row[0:3:2] for row in police.counts("any_outcome", 30)] == [
        (D(2018, 1, 1), 1),
        (D(2018, 4, 1), 0),
        (D(2018, 7, 1), 1),
        (D(2018, 10, 1), 0),
    ]
