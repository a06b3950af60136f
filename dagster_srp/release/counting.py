"""The rows that a figure counts, by the SQL that counted them.

What belongs here: turning the compiled query of a theme, of the repeat rules or of the stocks into the query of the rows
behind one figure. The condition that counts and the condition that explains are one: the compiled query is parsed, and
its own conditions are cut to a period and an area. What does not: asking for a figure (report), and compiling (building).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlglot
from sqlglot import exp

from dagster_srp.contracts import Contract

COMPILED_FILE = "counting.json"
"""In a release's folder: the compiled query of each model that counts, by its name."""
REPEATS, STOCKS = "repeat_count", "indicator_stock"
RELEASED_CATALOG, RELEASED_SCHEMA = "srp", "marts"


@dataclass(frozen=True)
class Figure:
    """Which figure: one indicator in one period and area. `unit` is the register's."""

    indicator_id: str
    unit: str
    period_type: str
    period_start: dt.date
    period_end: dt.date
    area_type: str
    area_code: str


@dataclass(frozen=True)
class Counted:
    """What one part of a figure counts: `rows_query` lists the rows, `total_query` gives the part from the same rows.

    `counts` is the expression that the model counts by. `relations` are the tables that are read, as the build names
    them (catalog, schema, table); `fact` is the table whose rows are listed, where it is one.
    """

    part: str
    model: str
    counts: str
    rows_query: str
    total_query: str
    relations: tuple[str, ...]
    fact: str | None

    @property
    def is_released(self) -> bool:
        """Whether the released file has every table that is read; else the query needs the restricted warehouse."""
        prefix = f"{RELEASED_CATALOG}.{RELEASED_SCHEMA}."
        return all(name.startswith(prefix) for name in self.relations)


def counting_models(themes: Sequence[str]) -> tuple[str, ...]:
    """The models whose queries explain figures: the themes, the repeat rules and the stocks."""
    return (*themes, REPEATS, STOCKS)


def write_counting(queries: Mapping[str, str], folder: Path) -> None:
    """Keeps the compiled queries with a release."""
    (folder / COMPILED_FILE).write_text(json.dumps(dict(queries), indent=1), encoding="utf-8")


def read_counting(folder: Path) -> dict[str, str] | None:
    """The compiled queries of a release; None where it was made by code that did not keep them."""
    path = folder / COMPILED_FILE
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def counted_rows(queries: Mapping[str, str], figure: Figure) -> list[Counted]:
    """What the numerator and the denominator of a figure count; empty where no query counts the indicator.

    A count has a numerator alone; the denominator of a rate per residents is a stock.
    """
    found: list[Counted] = []
    for part, measure in (
        ("numerator", figure.indicator_id),
        ("numerator", f"{figure.indicator_id}__numerator"),
        ("denominator", f"{figure.indicator_id}__denominator"),
    ):
        found += [
            _of_theme(model, ctes, place, part, measure, figure)
            for model, ctes, place in _places(queries, measure)
        ]
    if not found and REPEATS in queries:
        found = [_of_repeats(queries[REPEATS], figure)]
    if found and figure.unit.startswith("rate_per_"):
        found.append(_of_stock(queries[STOCKS], figure))
    return found


def delivered_by(rows_query: str, contract: Contract) -> str:
    """The query of the deliveries that counted rows came by, with counts: the rows are joined by the contract's key."""
    key = ", ".join(contract.key)
    return f"""
    with counted as (
        {rows_query}
    )

    select
        deliveries.feed,
        deliveries.file_name as file,
        deliveries.extracted_at,
        count(*) as rows
    from counted
    inner join staging.stg_{contract.feed} as records using ({key})
    inner join landing.ledger.deliveries as deliveries on records._delivery_no = deliveries.delivery_no
    group by all
    order by deliveries.extracted_at
    """


def _places(queries: Mapping[str, str], measure: str) -> Iterator[tuple[str, list[exp.CTE], exp.Select]]:
    """Every select of a theme that counts a measure, with the CTEs that stand before it."""
    for model, query in queries.items():
        if model in (REPEATS, STOCKS) or measure not in query:
            continue
        tree = _parsed(query)
        ctes = list(tree.ctes)
        for number, cte in enumerate(ctes):
            for select in cte.this.find_all(exp.Select):
                if any(one.alias == measure for one in select.expressions):
                    yield model, ctes[:number], select


def _of_theme(
    model: str, before: list[exp.CTE], select: exp.Select, part: str, measure: str, figure: Figure
) -> Counted:
    columns = {one.alias_or_name: one.unalias() for one in select.expressions}
    counts = columns[measure]
    rows = select.copy()
    rows.set("group", None)
    condition = None
    if isinstance(counts, exp.Filter):
        condition, counts = counts.expression.this, counts.this
    month = columns["month_date"]
    for one in (
        condition,
        exp.condition(f"{month.sql('duckdb')} >= {_day(figure.period_start)}", dialect="duckdb"),
        exp.condition(f"{month.sql('duckdb')} <= {_day(figure.period_end)}", dialect="duckdb"),
        exp.EQ(
            this=columns[f"{figure.area_type}_code"].copy(),
            expression=exp.Literal.string(figure.area_code),
        ),
    ):
        if one is not None:
            rows = rows.where(one.copy(), copy=False)
    source = select.args["from_"].this
    listed = rows.copy().select(f"{source.alias_or_name}.*", append=False, copy=False, dialect="duckdb")
    total = rows.select(exp.alias_(counts.copy(), "total"), append=False, copy=False)
    return _counted(part, model, columns[measure].sql("duckdb"), before, listed, total)


def _of_repeats(query: str, figure: Figure) -> Counted:
    """The events of the persons that a repeat rule counts: those with enough of them in the figure's window."""
    tree = _parsed(query)
    before = []
    for cte in tree.ctes:
        if cte.alias == "repeats":
            break
        cte = cte.copy()
        if cte.alias == "windows":
            cte.this.where(
                f"indicator_id = {_text(figure.indicator_id)} and period_type = {_text(figure.period_type)}"
                f" and period_start = {_day(figure.period_start)} and area_type = {_text(figure.area_type)}"
                f" and area_code = {_text(figure.area_code)}",
                dialect="duckdb",
                copy=False,
            )
        before.append(cte)
    listed = _select(
        f"""
        select events.*
        from events
        inner join windows
            on events.event_set = windows.event_set
            and events.person = windows.person
            and events.{figure.area_type}_code = windows.area_code
            and events.event_date between windows.window_start and windows.period_end
        qualify count(*) over (partition by events.person_key) >= max(windows.min_events) over ()
        """
    )
    total = exp.select("count(distinct person_key) as total").from_(listed.copy().subquery("rows"))
    return _counted("numerator", REPEATS, "count(distinct person_key)", before, listed, total)


def _of_stock(query: str, figure: Figure) -> Counted:
    tree = _parsed(query)
    listed = (
        exp.select("*")
        .from_("final")
        .where(
            f"unit = {_text(figure.unit)} and area_type = {_text(figure.area_type)} and area_code = {_text(figure.area_code)}"
        )
    )
    total = listed.copy().select("sum(stock) as total", append=False)
    return _counted("denominator", STOCKS, "stock", list(tree.ctes), listed, total)


def _counted(
    part: str, model: str, counts: str, before: Sequence[exp.CTE], listed: exp.Select, total: exp.Select
) -> Counted:
    whole = _with(before, listed)
    relations = sorted(
        {
            ".".join(step for step in (table.catalog, table.db, table.name) if step)
            for table in whole.find_all(exp.Table)
            if table.db
        }
    )
    facts = [name for name in relations if name.split(".")[-1].startswith("fct_")]
    return Counted(
        part,
        model,
        counts,
        whole.sql("duckdb", pretty=True),
        _with(before, total).sql("duckdb", pretty=True),
        tuple(relations),
        facts[0].split(".")[-1] if len(facts) == 1 else None,
    )


def _with(before: Sequence[exp.CTE], select: exp.Select) -> exp.Select:
    """The select after those of the CTEs that it needs, directly or not."""
    needed: set[str] = set()
    waiting = [select]
    by_name = {cte.alias: cte for cte in before}
    while waiting:
        names = {table.name for table in waiting.pop().find_all(exp.Table) if not table.db}
        new = (names & by_name.keys()) - needed
        needed |= new
        waiting += [by_name[name].this for name in new]
    whole = select.copy()
    for cte in before:
        if cte.alias in needed:
            whole = whole.with_(cte.alias, as_=cte.this.copy(), copy=False)
    return whole


def _parsed(query: str) -> exp.Query:
    tree = sqlglot.parse_one(query, dialect="duckdb")
    if not isinstance(tree, exp.Query):
        raise TypeError(f"a model's query is no query but {type(tree).__name__}")
    return tree


def _select(query: str) -> exp.Select:
    tree = _parsed(query)
    if not isinstance(tree, exp.Select):
        raise TypeError(f"a select was wanted, not {type(tree).__name__}")
    return tree


def _day(day: dt.date) -> str:
    return f"date '{day.isoformat()}'"


def _text(value: str) -> str:
    return exp.Literal.string(value).sql("duckdb")
