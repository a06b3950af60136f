from __future__ import annotations

import datetime as dt

from .police import Police

D = dt.date
INDICATOR = "hate_crime_positive_outcome_rate"


def quarters(first: int, count: int) -> list[dt.date]:
    return [D(first + quarter // 4, 3 * (quarter % 4) + 1, 1) for quarter in range(count)]


def completeness(police: Police, outcome_set: str = "any_outcome") -> list[tuple[object, ...]]:
    return police.models.rows(
        "select cohort_start_date, age_days, completeness, projected_pct, lower_95_pct, upper_95_pct, is_final"
        " from build.indicators_build.outcome_projection where measure = 'hate_crimes' and area_type = 'csp' and outcome_set = $1"
        " order by cohort_start_date",
        outcome_set,
    )


def maturity(police: Police) -> dict[tuple[object, object], object]:
    rows = police.models.rows(
        "select period_type, period_start, maturity from build.indicators_build.outcome_maturity"
        " where indicator_id = $1 and area_type = 'csp'",
        INDICATOR,
    )
    return {(period_type, start): state for period_type, start, state in rows}


def test_a_short_history_finishes_nothing(police: Police) -> None:
    for start in quarters(2018, 4):
        police.crime(start, ("1", start + dt.timedelta(days=5)))
    police.built(D(2018, 12, 31))
    assert not any(row[-1] for row in completeness(police))
    assert set(maturity(police).values()) == {"maturing"}


def test_quarters_become_final_and_so_do_the_periods_that_they_make_up(police: Police) -> None:
    for start in quarters(2016, 12):
        for number in range(40):
            delay = dt.timedelta(days=20 + 5 * number)  # the last after 215 days
            police.crime(start, ("1" if number % 4 == 0 else "18", start + delay))
    police.built(D(2018, 12, 31))
    finals = [row[0] for row in completeness(police) if row[-1]]
    assert finals == quarters(2016, 9)  # 180 days have shown 33 of 40 outcomes, 210 days 39
    states = maturity(police)
    assert states["quarter", D(2018, 1, 1)] == "final"
    assert states["quarter", D(2018, 4, 1)] == "maturing"
    assert states["month", D(2018, 3, 1)] == "final"
    assert states["year", D(2016, 4, 1)] == "final"
    assert states["year", D(2017, 4, 1)] == "final"
    assert states["rolling_12m", D(2017, 5, 1)] == "maturing"  # ends in April 2018


def test_a_cohort_without_outcomes_still_has_a_projection(police: Police) -> None:
    for start in quarters(2016, 11):
        for number in range(20):
            police.crime(start, ("1", start + dt.timedelta(days=100 + number)))
    for _ in range(20):
        police.crime(D(2018, 10, 1))
    police.built(D(2019, 1, 31))
    _, age, _, projected, lower, upper, is_final = completeness(police)[-2]
    assert (age, is_final) == (30, False)
    assert projected > 90
    assert lower <= projected <= upper


def test_a_cohort_with_every_outcome_has_nothing_to_come(police: Police) -> None:
    for start in quarters(2016, 12):
        police.crime(start, ("1", start + dt.timedelta(days=3)))
    police.built(D(2019, 6, 30))
    last = completeness(police)[11]
    assert last[2:] == (1.0, 100.0, 100.0, 100.0, True)


def test_where_no_outcome_was_ever_given_nothing_is_final(police: Police) -> None:
    for start in quarters(2016, 12):
        police.crime(start)
    police.built(D(2019, 6, 30))
    assert {row[2] for row in completeness(police)} == {None}
    assert set(maturity(police).values()) == {"maturing"}


def test_more_than_will_stand_is_not_complete(police: Police) -> None:
    for start in quarters(2015, 12):
        for number in range(10):
            withdrawn = [("0", start + dt.timedelta(days=200))] if number == 0 else []
            police.crime(start, ("1", start + dt.timedelta(days=10)), *withdrawn)
    police.built(D(2018, 3, 31))
    by_age = {row[1]: row[2] for row in completeness(police)}
    assert by_age[90] == 0.9
    assert by_age[270] == 1.0


def test_arrival_order_and_threads_change_nothing(police: Police) -> None:
    for number, start in enumerate(quarters(2015, 14) * 30):
        police.crime(start, ("1", start + dt.timedelta(days=1 + number * 7 % 300)))
    tables = ("outcome_steps", "outcome_ladder", "outcome_projection", "outcome_maturity")
    seen = []
    for threads in (1, 2, 8):
        police.models.connection.execute(f"set threads = {threads}")
        police.models.script(
            "create or replace table srp.marts.fct_crime as from srp.marts.fct_crime order by md5(crime_ref || $t)",
            t=str(threads),
        )
        police.built(D(2018, 6, 30))
        seen.append(
            [police.models.rows(f"from build.indicators_build.{table} order by all") for table in tables]
        )
    assert seen[0] == seen[1] == seen[2]
