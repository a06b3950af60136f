"""What the text columns of the released tables hold: codes that are known, and no personal value that has landed.

What belongs here: reading `expectations/released_texts.yml`, comparing each text column with it and with the personal
columns of raw. What does not: flows of columns, and rules over anything but texts (the suites hold them).
A verdict names table and column, never a value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import duckdb
import yaml

from dagster_srp.contracts import Contract
from dagster_srp.duck import Engine, attach, identifier, literal, open_file
from dagster_srp.gates.verdict import Verdict, all_named

RULES_FILE = "released_texts.yml"
LEAST_LETTERS = 4
"""A shorter name is also a code or a word: Lee, Amy and Fox would be found everywhere."""
LARGE = 1_000_000
"""Rows of raw above which personal values are sampled: one in so many rows that about this number is looked at."""
JUDGED = "released texts"


@dataclass(frozen=True)
class TextColumn:
    """A released text column, and the condition that its known values meet: none where it is free text."""

    table: str
    column: str
    accepted: str | None


@dataclass(frozen=True)
class TextRules:
    """The entries of `released_texts.yml`."""

    facts: Mapping[str, str]
    columns: Mapping[str, Mapping[str, Any]]

    @property
    def shared(self) -> list[tuple[str, str]]:
        """Released columns that share values with a personal column which holds organisations too, each with it."""
        return [
            (name, source) for name, entry in self.columns.items() for source in entry.get("shares_with", ())
        ]

    @staticmethod
    def covers(name: str, table: str, column: str) -> bool:
        """Whether an entry of `columns` with this name is about a column."""
        return fnmatchcase(f"{table}.{column}", name) or fnmatchcase(column, name)

    def condition(self, table: str, column: str, contracts: Mapping[str, Contract]) -> str | None:
        """SQL over `value` that holds of a known value; None for free text. Raises KeyError where nothing covers it."""
        feed = self.facts.get(table)
        if feed is not None and (agreed := _agreed_condition(contracts[feed], column)):
            return agreed
        for name, entry in self.columns.items():
            if self.covers(name, table, column):
                return _condition(entry)
        raise KeyError(f"{table}.{column}")


def read_rules(folder: Path) -> TextRules:
    """The rules of an expectations folder."""
    document = yaml.safe_load((folder / RULES_FILE).read_text(encoding="utf-8"))
    return TextRules(document["facts"], document["columns"])


def judge_texts(
    candidate: Path,
    attached: Mapping[str, Path],
    *,
    suites: Path,
    contracts: Mapping[str, Contract],
    engine: Engine | None = None,
) -> list[Verdict]:
    """Two verdicts on the text columns of a candidate: their codes are known, and no personal value is among them.

    `attached` holds `build` (for the seeds) and `landing` (for raw). Values that are not known are compared with the
    personal values too, so that the verdict says which kind of fault it is.
    """
    with open_file(candidate, engine) as connection:
        for alias, path in attached.items():
            attach(connection, path, alias)
        rules = read_rules(suites)
        columns = released_texts(connection, rules, contracts)
        connection.execute(
            "create temp table doubtful (table_name varchar, column_name varchar, is_coded boolean, value varchar)"
        )
        for one in columns:
            _collect(connection, one)
        unknown = _named(connection, "select distinct table_name, column_name from doubtful where is_coded")
        leaked = _named(connection, _leaks(connection, rules, contracts.values()))
    return [
        all_named(
            JUDGED,
            "coded_texts_are_known",
            "each coded text column holds only values of its contract, its seed or its form",
            unknown,
            len(columns),
            f"compare the model with expectations/{RULES_FILE}; a new code belongs into its seed or contract",
        ),
        all_named(
            JUDGED,
            "no_personal_value_is_released",
            "no text column holds a personal value that has landed",
            leaked,
            len(columns),
            "take the column out of the model, or keep a keyed pseudonym (`*_key`) in its place",
        ),
    ]


def released_texts(
    connection: duckdb.DuckDBPyConnection, rules: TextRules, contracts: Mapping[str, Contract]
) -> list[TextColumn]:
    """Every text column of the candidate's tables; one that no rule covers is free text, and so compared."""
    found = connection.execute(
        "select table_name, column_name from duckdb_columns() where database_name = current_database()"
        " and schema_name = 'marts' and data_type = 'VARCHAR' order by table_name, column_index"
    ).fetchall()
    columns = []
    for table, column in found:
        try:
            accepted = rules.condition(table, column, contracts)
        except KeyError:
            accepted = None
        columns.append(TextColumn(table, column, accepted))
    return columns


def _collect(connection: duckdb.DuckDBPyConnection, one: TextColumn) -> None:
    """Notes the values of a column that are free or not known."""
    connection.execute(
        f"insert into doubtful select {literal(one.table)}, {literal(one.column)}, {one.accepted is not None}, value from"
        f" (select distinct {identifier(one.column)} as value from marts.{identifier(one.table)})"
        f" where value is not null and not ({one.accepted or 'false'})"
    )


def _leaks(connection: duckdb.DuckDBPyConnection, rules: TextRules, contracts: Iterable[Contract]) -> str:
    """The doubtful columns that hold a personal value, whole or between separators."""
    connection.execute(
        "create temp table pieces as select distinct table_name, column_name, trim(piece) as piece from"
        " (select table_name, column_name, lower(value) as piece from doubtful union all"
        r" select table_name, column_name, unnest(regexp_split_to_array(lower(value), '[;,|:]')) from doubtful)"
        f" where length(trim(piece)) >= {LEAST_LETTERS}"
    )
    personal = " union all ".join(query for one in contracts for query in _personal(connection, one))
    shared = (
        ", ".join(f"({literal(name)}, {literal(source)})" for name, source in rules.shared) or "(null, null)"
    )
    return (
        "select distinct pieces.table_name, pieces.column_name from pieces join"
        f" (select distinct source, piece from ({personal or 'select null as source, null as piece'}) as landed"
        "   where piece in (select piece from pieces)) as personal on personal.piece = pieces.piece"
        f" anti join (values {shared}) as shared(name, source)"
        " on shared.name = pieces.table_name || '.' || pieces.column_name and shared.source = personal.source"
    )


def _personal(connection: duckdb.DuckDBPyConnection, contract: Contract) -> list[str]:
    """Queries of the personal values of a feed, each as lower-case text: days in both ways of writing them."""
    columns = [column for column in contract.columns if column.sensitivity == "personal"]
    raw = f"landing.raw.{contract.feed}"
    there = connection.execute(
        "select 1 from duckdb_tables() where database_name = 'landing' and schema_name = 'raw' and table_name = $1",
        [contract.feed],
    ).fetchone()
    if not columns or there is None:
        return []
    (count,) = connection.execute(f"select count(*) from {raw}").fetchone() or (0,)
    sample = f" where rowid % {count // LARGE} = 0" if count >= 2 * LARGE else ""
    queries = []
    for column in columns:
        if column.storage_type == "DATE":
            texts = [f"strftime({column.name}, {literal(form)})" for form in ("%Y-%m-%d", "%d/%m/%Y")]
        elif column.separator:
            texts = [f"trim(unnest(string_split(lower({column.name}), {literal(column.separator)})))"]
        else:
            texts = [f"trim(lower({column.name}))"]
        source = literal(f"{contract.feed}.{column.name}")
        queries += [f"select {source} as source, {text} as piece from {raw}{sample}" for text in texts]
    return queries


def _agreed_condition(contract: Contract, column: str) -> str | None:
    """What the contract, in any of its versions, lets the column hold; None where it lists and forms nothing."""
    versions = [one for each in (contract, *contract.earlier) for one in each.columns if one.name == column]
    conditions = []
    for one in versions:
        if one.allowed_values:
            conditions.append(f"value in ({', '.join(literal(value) for value in one.allowed_values)})")
        elif one.references:
            conditions.append(
                _condition({"seed": f"{one.references.seed}.{one.references.column}"}) or "false"
            )
        elif one.pattern:
            conditions.append(f"regexp_matches(value, {literal(one.pattern)})")
    return " or ".join(dict.fromkeys(conditions)) or None


def _condition(entry: Mapping[str, Any]) -> str | None:
    if "values" in entry:
        return f"value in ({', '.join(literal(str(value)) for value in entry['values'])})"
    if "form" in entry:
        return f"regexp_full_match(value, {literal(entry['form'])})"
    if "seed" in entry:
        table, column = entry["seed"].split(".")
        return (
            f"value in (select cast({column} as varchar) from build.seeds.{table} where {column} is not null)"
        )
    if "landed" in entry:
        sources = [name.split(".") for name in entry["landed"]]
        listed = " union all ".join(
            f"select {column} as name from landing.raw.{feed}" for feed, column in sources
        )
        return f"value in (select name from ({listed}) where name is not null)"
    return None


def _named(connection: duckdb.DuckDBPyConnection, query: str) -> list[str]:
    return sorted(f"{table}.{column}" for table, column in connection.execute(query).fetchall())
