from __future__ import annotations

import datetime as dt

from dagster_srp.report.maturity.models import LadderModels

CSP = "E22000261"


class Police:
    """Crimes and outcomes that a test writes down, and what the models make of them."""

    def __init__(self, models: LadderModels) -> None:
        self.models = models
        self.count = 0

    def crime(self, recorded: dt.date, *outcomes: tuple[str, dt.date], csp: str = CSP) -> None:
        self.count += 1
        self.models.connection.execute(
            "insert into srp.marts.fct_crime values ($1, $2, date_trunc('month', $2::date)::date, 'E23000011', $3,"
            " true, false, false)",
            [str(self.count), recorded, csp],
        )
        for outcome_type, given in outcomes:
            self.models.connection.execute(
                "insert into srp.marts.fct_crime_outcome values (?, ?, ?)",
                [str(self.count), outcome_type, given],
            )

    def built(self, last_day: dt.date) -> Police:
        self.models.speak_until(last_day)
        self.models.build()
        return self

    def counts(self, outcome_set: str, age_days: int) -> list[tuple[object, ...]]:
        return self.models.rows(
            "select cohort_start_date, is_observed, crimes_count, outcomes_count, without_outcome_count"
            " from build.indicators_build.outcome_development where measure = 'hate_crimes' and area_type = 'csp'"
            " and outcome_set = $1 and age_days = $2 order by cohort_start_date",
            outcome_set,
            age_days,
        )
