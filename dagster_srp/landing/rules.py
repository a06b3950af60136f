"""A contract's rules as SQL: one typed expression for each column, and one named reason for each rule.

A loaded row holds every column twice: `text_<name>` as it was delivered, and `<name>` in its own type, NULL where the
text does not hold one. Reasons never hold the value that broke the rule: it may be personal. The value stays in the quarantined row.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dagster_srp.contracts import Column, Contract
from dagster_srp.contracts.load import SEEDS_DIR
from dagster_srp.landing.scan import NUL_SIGN

FORMULA_PATTERN = r"^(=|[@+\-]\s*[A-Za-z_]+\s*\()"
"""A text that a spreadsheet would run: `=cmd()`, `@SUM(`, `+HYPERLINK(`."""


@dataclass(frozen=True)
class Rule:
    """`breaks` is an SQL condition over the loaded texts, true where a row breaks the rule `reason`."""

    reason: str
    breaks: str


def quoted(text: str) -> str:
    """An SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def typed(column: Column) -> str:
    """The column's value in its own type, from its text."""
    name = f"text_{column.name}"
    if column.separator:
        return name
    number = f"trim({name})"
    if column.thousands_separator:
        number = f"replace({number}, {quoted(column.thousands_separator)}, '')"
    if column.not_available:
        number = f"nullif({number}, {quoted(column.not_available)})"
    match column.logical_type:
        case "date":
            return f"try_strptime({name}, {quoted(str(column.format))})::date"
        case "timestamp":
            return f"try_strptime({name}, {quoted(str(column.format))})"
        case "boolean":
            yes, no = column.true_false or ("Y", "N")
            return f"case {name} when {quoted(yes)} then true when {quoted(no)} then false end"
        case "integer" | "number":
            return f"try_cast({number} as {column.physical_type})"
        case _:
            return name


def rules_of(contract: Contract, has_nul: bool, seeds: Path = SEEDS_DIR) -> list[Rule]:
    """Every rule of the contract, in the columns' order and then the rules over whole rows."""
    rules = [rule for column in contract.columns for rule in _column_rules(column, seeds)]
    if has_nul:
        texts = " || ".join(f"coalesce(text_{c.name}, '')" for c in contract.columns)
        rules.append(Rule("the row holds a NUL byte", f"contains({texts}, {quoted(NUL_SIGN)})"))
    rules += [Rule(rule.description, f"not ({rule.expression})") for rule in contract.row_rules]
    return rules


def _column_rules(column: Column, seeds: Path) -> Iterator[Rule]:
    name, value, shown = f"text_{column.name}", column.name, column.source_name
    items = f"string_split({name}, {quoted(column.separator or '')})"
    if column.required:
        yield Rule(f"{shown}: required, and blank", f"{name} is null")
    if column.logical_type != "string" and not column.separator:
        absent = f" and trim({name}) <> {quoted(column.not_available)}" if column.not_available else ""
        yield Rule(f"{shown}: not {_kind(column)}", f"{name} is not null and {value} is null{absent}")
    if column.separator and column.format:
        broken = f"try_strptime(trim(x), {quoted(column.format)}) is null"
        yield Rule(f"{shown}: not dates written {column.format}", f"len(list_filter({items}, lambda x: {broken})) > 0")
    if column.pattern:
        pattern = quoted(column.pattern.removeprefix("^").removesuffix("$"))
        yield Rule(f"{shown}: not of the form {column.pattern}", f"not regexp_full_match({name}, {pattern})")
    if column.minimum is not None:
        yield Rule(f"{shown}: below {column.minimum:g}", f"{value} < {column.minimum}")
    if column.maximum is not None:
        yield Rule(f"{shown}: above {column.maximum:g}", f"{value} > {column.maximum}")
    allowed = column.allowed_values or _referenced(column, seeds)
    if allowed:
        listed = ", ".join(quoted(v) for v in allowed)
        where = f"the list {column.references.seed}" if column.references else "the contract's values"
        if column.separator:
            condition = f"len(list_filter({items}, lambda x: trim(x) not in ({listed}))) > 0"
        else:
            condition = f"{name} not in ({listed})"
        yield Rule(f"{shown}: not in {where}", condition)
    elif column.logical_type == "string" and not column.pattern and not column.separator:
        runs = f"{name}[1] in ('=', '@', '+', '-') and regexp_matches({name}, {quoted(FORMULA_PATTERN)})"
        yield Rule(f"{shown}: a text that a spreadsheet would run as a formula", runs)


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


def _referenced(column: Column, seeds: Path) -> tuple[str, ...]:
    if column.references is None:
        return ()
    return seed_values(seeds / f"{column.references.seed}.csv", column.references.column)


@cache
def seed_values(path: Path, column: str) -> tuple[str, ...]:
    """The distinct values of one column of a seed."""
    with path.open(encoding="utf-8", newline="") as stream:
        return tuple(sorted({row[column] for row in csv.DictReader(stream)}))
