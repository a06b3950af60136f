"""A contract's rules as SQL: one typed expression for each column, and one named reason for each rule.

A row that is being judged holds every column twice: `text_<name>` as it was delivered, and `<name>` in its own type and
one spelling, NULL where the text does not hold one. Reasons never hold the value that broke the rule: it may be personal. The value
stays in the quarantined row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dagster_srp.contracts import Column, Contract
from dagster_srp.contracts.load import SEEDS_DIR, dated_values, seed_values
from dagster_srp.duck import literal
from dagster_srp.landing.headers import NAMELESS
from dagster_srp.landing.scan import NUL_SIGN
from dagster_srp.landing.spelling import seen

FORMULA_PATTERN = r"^\s*(=|[@+\-]\s*[A-Za-z_]+\s*\()"
"""A text that a spreadsheet would run: `=cmd()`, `@SUM(`, `+HYPERLINK(`."""

FIRST_YEAR = 1000
"""DuckDB reads the year of 04/03/24 as 24: a date before this year was written with fewer than four digits."""

WHOLE_NUMBER = r"[+-]?\d+"
NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
"""DuckDB alone would round 1.5 to a whole 2, and take 1_000, 0x10, nan and inf for numbers."""


@dataclass(frozen=True)
class Rule:
    """`breaks` is an SQL condition over the row being judged, true where it breaks the rule `reason`."""

    reason: str
    breaks: str


def judged(contract: Contract, texts: str, delivered: Sequence[str], has_nul: bool, extra: str = "") -> str:
    """A query over `texts`: the contract's columns in their types, and where a row breaks a rule the row whole and why.

    `delivered` are the names of all of the delivery's columns, in its order: a row is kept with those that the contract
    does not know. Only a broken row pays for its text and reasons. The list of reasons is empty where the row has no value at
    all, such as a line of commas alone: it is blank, and neither accepted nor quarantined.
    """
    rules = rules_of(contract, delivered, has_nul)
    columns = ", ".join(c.name for c in contract.columns)
    values = ", ".join(f"{typed(c, _allowed(c, SEEDS_DIR))} as {c.name}" for c in contract.columns)
    broken = " or ".join(f"({rule.breaks})" for rule in rules) or "false"
    reasons = ", ".join(f"case when {rule.breaks} then {literal(rule.reason)} end" for rule in rules)
    named = [f"text_{name}" for name in delivered if not name.startswith(NAMELESS)]
    nameless = [f"text_{name}" for name in delivered if name.startswith(NAMELESS)]
    whole = row_text(named)
    filled = f"trim({joined(nameless)}) <> ''" if nameless else "false"
    if nameless:
        whole = f"{whole} || case when {filled} then ',' || {row_text(nameless)} else '' end"
    return (
        f"select {columns}, case when is_broken then {whole} end as row_text, case when not is_broken then null"
        f" when trim({joined([*named, *nameless])}) = '' then []::varchar[]"
        f" else list_filter([{reasons}], lambda reason: reason is not null) end as reasons,"
        f" {filled} as has_nameless{', ' + extra if extra else ''}"
        f" from (select *, coalesce({broken}, false) as is_broken from (select *, {values} from ({texts})))"
    )


def row_text(values: Sequence[str]) -> str:
    """The row as one line of CSV, every value quoted, so that a line end or comma inside a value cannot mislead."""
    fields = ", ".join(f"coalesce('\"' || replace({v}, '\"', '\"\"') || '\"', '')" for v in values)
    return f"concat_ws(',', {fields})"


def joined(texts: Sequence[str]) -> str:
    """All the texts in one, however many: a chain of operators over a wide file is deeper than DuckDB reads."""
    return f"concat({', '.join(texts)})"


def written(column: Column, source: str, kind: str) -> str:
    """A typed value as the partner would have written it in a CSV; what the contract's format cannot hold stays whole."""
    if kind.endswith("[]"):
        return f"array_to_string({source}, {literal(column.separator or ';')})"
    if kind == "BOOLEAN":
        yes, no = column.true_false or ("TRUE", "FALSE")
        return f"case when {source} then {literal(yes)} when not {source} then {literal(no)} end"
    if column.format and (kind == "DATE" or kind.startswith("TIMESTAMP")):
        text, form = f"strftime({source}, {literal(column.format)})", literal(column.format)
        return f"case when strptime({text}, {form}) = {source} then {text} else {source}::varchar end"
    if kind in ("FLOAT", "DOUBLE") and column.logical_type == "integer":
        return f"case when {source} = trunc({source}) then {source}::decimal(38, 0)::varchar else {source}::varchar end"
    return f"nullif({source}::varchar, '')"


def typed(column: Column, allowed: Sequence[str] = ()) -> str:
    """The column's value in its own type, from its text."""
    name = f"text_{column.name}"
    if column.separator:
        return seen(column, name, allowed)
    match column.logical_type:
        case "date":
            return f"try_strptime({name}, {literal(str(column.format))})::date"
        case "timestamp":
            return f"try_strptime({name}, {literal(str(column.format))})"
        case "boolean":
            yes, no = column.true_false or ("Y", "N")
            return f"case {name} when {literal(yes)} then true when {literal(no)} then false end"
        case "integer" | "number":
            return _number(column, name)
        case _:
            return seen(column, name, allowed)


def _number(column: Column, name: str) -> str:
    number, form = f"trim({name})", WHOLE_NUMBER if column.logical_type == "integer" else NUMBER
    if column.thousands_separator:
        grouped = rf"[+-]?\d{{1,3}}({column.thousands_separator}\d{{3}})+"
        plain = f"replace({number}, {literal(column.thousands_separator)}, '')"
        number = f"case when regexp_full_match({number}, {literal(grouped)}) then {plain} else {number} end"
    return f"case when regexp_full_match({number}, {literal(form)}) then try_cast({number} as {column.physical_type}) end"


def rules_of(
    contract: Contract, delivered: Sequence[str] | None = None, has_nul: bool = False, seeds: Path = SEEDS_DIR
) -> list[Rule]:
    """Every rule of the contract, in the columns' order and then the rules over whole rows."""
    rules = [rule for column in contract.columns for rule in _column_rules(column, seeds)]
    if has_nul:
        names = delivered or [c.name for c in contract.columns]
        texts = joined([f"text_{name}" for name in names])
        rules.append(Rule("the row holds a NUL byte", f"contains({texts}, {literal(NUL_SIGN)})"))
    rules += [Rule(rule.description, f"not ({rule.expression})") for rule in contract.row_rules]
    return rules


def _column_rules(column: Column, seeds: Path) -> Iterator[Rule]:
    value, shown = column.name, column.source_name
    name = value if column.logical_type == "string" or column.separator else f"text_{column.name}"
    items = f"string_split({name}, {literal(column.separator or '')})"
    if column.required:
        is_free = column.logical_type == "string" and not column.pattern and not column.allowed_values
        spaces = f" or ({name} < '!' and trim({name}) = '')" if is_free and not column.references else ""
        yield Rule(f"{shown}: required, and blank", f"{name} is null{spaces}")
    if column.logical_type != "string" and not column.separator:
        absent = f" and trim({name}) <> {literal(column.not_available)}" if column.not_available else ""
        unread = f"{name} is not null and {value} is null{absent}"
        if column.logical_type in ("date", "timestamp"):
            unread += f" or {value} < make_date({FIRST_YEAR}, 1, 1)"
        yield Rule(f"{shown}: not {_kind(column)}", unread)
    if column.separator and column.format:
        broken = f"try_strptime(x, {literal(column.format)}) is null"
        yield Rule(
            f"{shown}: not dates written {column.format}",
            f"len(list_filter({items}, lambda x: {broken})) > 0",
        )
    if column.pattern:
        pattern = literal(column.pattern.removeprefix("^").removesuffix("$"))
        yield Rule(f"{shown}: not of the form {column.pattern}", f"not regexp_full_match({name}, {pattern})")
    if column.minimum is not None:
        yield Rule(f"{shown}: below {column.minimum:g}", f"{value} < {column.minimum}")
    if column.maximum is not None:
        yield Rule(f"{shown}: above {column.maximum:g}", f"{value} > {column.maximum}")
    if allowed := _allowed(column, seeds):
        # A cast to an enumeration is one look into a hash table, whatever the length of the list.
        kind = _enumeration(allowed)
        where = f"the list {column.references.seed}" if column.references else "the contract's values"
        if column.separator:
            unknown = f"try_cast(x as {kind}) is null"
            condition = f"{name} is not null and len(list_filter({items}, lambda x: {unknown})) > 0"
        else:
            condition = f"{name} is not null and try_cast({name} as {kind}) is null"
        yield Rule(f"{shown}: not in {where}", condition)
        if column.references and column.references.on:
            outside = outside_its_days(column, column.references.on, seeds)
            yield Rule(f"{shown}: in {where}, and not on the row's day", f"not ({condition}) and {outside}")
    elif column.logical_type == "string" and not column.pattern and not column.format:
        # Most texts begin with a letter or digit, and a comparison is far cheaper than a pattern.
        runs = f"{name} < 'A' and regexp_matches({name}, {literal(FORMULA_PATTERN)})"
        yield Rule(f"{shown}: a text that a spreadsheet would run as a formula", runs)


def _enumeration(values: Sequence[str]) -> str:
    return f"enum({', '.join(literal(value) for value in values)})"


def outside_its_days(column: Column, day: str, seeds: Path = SEEDS_DIR) -> str:
    """A condition that the column's value is not valid on the day that another column holds.

    A long `in (...)` would become a join, after which rows no longer come in the file's order.
    """
    if column.references is None:
        raise TypeError(f"{column.name} refers to no list")
    listed = dated_values(seeds / f"{column.references.seed}.csv", column.references.column)
    within = " or ".join(
        f"(try_cast({column.name} as {_enumeration(values)}) is not null and {day} >= date {literal(first)}"
        + (f" and {day} <= date {literal(last)})" if last else ")")
        for first, last, values in listed
    )
    return f"{day} is not null and {column.name} is not null and not ({within})"


def _kind(column: Column) -> str:
    match column.logical_type:
        case "date":
            return f"a date written {column.format}"
        case "timestamp":
            return f"a moment written {column.format}"
        case "boolean":
            return f"one of {' or '.join(column.true_false or ('Y', 'N'))}"
        case kind:
            return "a whole number" if kind == "integer" else "a number"


def _allowed(column: Column, seeds: Path) -> tuple[str, ...]:
    """The values that the contract lets the column hold; none where it leaves them open."""
    return column.allowed_values or _referenced(column, seeds)


def _referenced(column: Column, seeds: Path) -> tuple[str, ...]:
    if column.references is None:
        return ()
    values = seed_values(seeds / f"{column.references.seed}.csv", column.references.column)
    if not values:
        raise LookupError(
            f"The list {column.references.seed} is empty: every value would pass. Restore seeds/."
        )
    return values
