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
    values |= {"release": found.release_id + (DEMO if found.is_demo else ""), "SQL model": found.model}
    figures = [
        {**row, "from": row["period_start"], "low": row["lower_95"], "high": row["upper_95"]}
        for row in found.values
    ]
    caveats = [{"caveat": row["caveat_text"]} for row in found.caveats]
    none_because = found.register["no_caveat_reason"] or "none registered"
    vintages = [{**row, "release": row["release_id"]} for row in found.vintages]
    deliveries = found.deliveries[-LATEST:]
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
        of_records(
            f"Deliveries: {len(found.deliveries)}, the latest {len(deliveries)}",
            deliveries,
            "file",
            "extracted_at",
            "rows",
            folds=("file",),
        ),
        Whole(f"Rule: {found.rule}"),
        Whole(f"Rows (restricted): {found.rows_query}"),
    ]
