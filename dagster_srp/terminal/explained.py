"""An explanation as a person reads it."""

from __future__ import annotations

from dagster_srp.report.explain import Explanation
from dagster_srp.terminal.refreshed import DEMO
from dagster_srp.terminal.tables import Rows, Whole, facts, of_records

REGISTERED = ("title", "definition", "numerator", "denominator", "date_basis", "owner_partner", "source")
LATEST = 10


def explanation_tables(indicator: str, found: Explanation) -> list[Rows | str]:
    """What is registered, the values, what is said of them, and what they were made from."""
    values = {name: found.register[name] for name in REGISTERED}
    values |= {"release": found.release_id + (DEMO if found.is_demo else "")}
    figures = [
        {**row, "from": row["period_start"], "low": row["lower_95"], "high": row["upper_95"]}
        for row in found.values
    ]
    caveats = [{"caveat": row["caveat_text"]} for row in found.caveats]
    none_because = found.register["no_caveat_reason"] or "none registered"
    vintages = [{**row, "release": row["release_id"]} for row in found.vintages]
    return [
        facts(indicator, values),
        of_records(
            "Values",
            figures,
            "from",
            "area_code",
            "numerator",
            "denominator",
            "value",
            "low",
            "high",
            "maturity",
        ),
        of_records("Caveats", caveats or [{"caveat": none_because}]),
        of_records("Vintages", vintages, "release", "area_code", "value", "maturity", "change"),
        *_delivered(found),
        *_counted(found),
    ]


def _delivered(found: Explanation) -> list[Rows | str]:
    """The deliveries that the numerator's rows came by, or why they cannot be said."""
    if found.deliveries_note:
        return [f"Deliveries: {found.deliveries_note}"]
    latest = found.deliveries[-LATEST:]
    title = f"{found.explained_area}: deliveries of the rows counted: {len(found.deliveries)}, the latest {len(latest)}"
    return [of_records(title, latest, "file", "extracted_at", "rows", folds=("file",))]


def _counted(found: Explanation) -> list[Rows | str]:
    """The query of each part's rows, and what counting them gives."""
    if found.parts_note:
        return [f"Rows: {found.parts_note}"]
    shown: list[Rows | str] = []
    for part in found.parts:
        said = "not counted now" if part.total is None else f"counting them now gives {part.total:,.10g}"
        if part.agrees is False:
            said += ", which is NOT the released part: the warehouse has changed since, so run `srp refresh`"
        shown += [
            f"{found.explained_area}, {part.part}: {part.counts} of {part.model}; {said}.",
            Whole(f"Rows, in {part.run_in}\n\n{part.rows_query};"),
        ]
    return shown
