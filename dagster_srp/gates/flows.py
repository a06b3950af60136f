"""Where personal columns of raw flow to, read from the queries of the models: which released column would hold one.

What belongs here: following columns through the SQL that dbt compiled, and comparing what is found with
`expectations/personal_uses.yml`. What does not: the values themselves (`texts` looks at those).
What cannot be followed is refused. Rows that are joined, filtered, partitioned or ordered by a column do not hold it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

import sqlglot
import yaml
from sqlglot import exp
from sqlglot.errors import SqlglotError

from dagster_srp.contracts import Contract
from dagster_srp.gates.verdict import Verdict, all_named

USES_FILE = "personal_uses.yml"
RELEASED_SCHEMA = "marts"
SEEDS = Path(__file__).parents[2] / "seeds"
OPEN_SCHEMAS = ("seeds", "control", "ledger", "information_schema")
"""Schemas of tables that hold no column of a partner's row."""
VALUE, PSEUDONYM, COUNT, FLAG, AGE = "value", "pseudonym", "count", "flag", "age"
FORCE = re.compile(r"\bforce\b")
"""A column's name, which sqlglot takes for a word of its own."""
JUDGED = "personal columns"

Taint = dict[tuple[str, str], tuple[str, ...]]
"""What an expression holds: (personal column, kind of use) and the models that it came through."""


class CannotFollow(Exception):
    """A query whose columns cannot be told."""


@dataclass(frozen=True)
class ModelQuery:
    """A model's table and the query that fills it."""

    schema: str
    name: str
    sql: str


@dataclass
class Relation:
    """The columns of a table or query; `rest` is what any column that is not named holds, None where there is none."""

    columns: dict[str, Taint] = field(default_factory=dict)
    rest: Taint | None = None

    def get(self, name: str) -> Taint | None:
        """What a column holds; None where there is no such column."""
        return self.columns.get(name, self.rest)

    @property
    def whole(self) -> Taint:
        """What all columns hold together."""
        return _joined([*self.columns.values(), self.rest or {}])


@dataclass(frozen=True)
class Scope:
    """What a column's name may refer to, innermost first."""

    relations: Mapping[str, Relation]
    aliases: Mapping[str, Taint]
    outer: Scope | None = None


@dataclass(frozen=True)
class Use:
    """A model that makes something harmless of a personal column: a pseudonym, a count, a flag or an age."""

    model: str
    kind: str
    personal: str


@dataclass
class Flows:
    """What was found: the uses, the released columns that hold a personal column, and what could not be followed."""

    uses: set[Use] = field(default_factory=set)
    released: list[str] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)


def follow(models: Iterable[ModelQuery], contracts: Mapping[str, Contract]) -> Flows:
    """Follows every personal column of the contracts through all models."""
    return _Walk({(m.schema, m.name): m for m in models}, contracts).run()


def judge_flows(flows: Flows, suites: Path) -> list[Verdict]:
    """Two verdicts: no released column holds a personal column, and each harmless use of one is listed with its reason."""
    document = yaml.safe_load((suites / USES_FILE).read_text(encoding="utf-8"))
    listed = {Use(e["model"], e["kind"], personal) for e in document["uses"] for personal in e["personal"]}
    unlisted = [
        f"{use.model} makes a {use.kind} of {use.personal}"
        for use in sorted(flows.uses - listed, key=lambda u: (u.model, u.kind, u.personal))
    ]
    return [
        all_named(
            JUDGED,
            "no_personal_column_flows_into_a_release",
            "no released column is made from a personal column but through a pseudonym, a count, a flag or an age",
            flows.released + flows.unclear,
            None,
            "take the column out of the model, or keep a keyed pseudonym (macro `pseudonym`) in its place",
        ),
        all_named(
            JUDGED,
            "each_use_of_a_personal_column_is_listed",
            f"each pseudonym, count, flag or age of a personal column stands in expectations/{USES_FILE}",
            unlisted,
            None,
            f"take the use out of the model, or list it with its reason in expectations/{USES_FILE}",
        ),
    ]


class _Walk:
    def __init__(
        self, models: Mapping[tuple[str, str], ModelQuery], contracts: Mapping[str, Contract]
    ) -> None:
        self.models = models
        self.contracts = contracts
        self.flows = Flows()
        self.known: dict[tuple[str, str], Relation] = {}

    def run(self) -> Flows:
        for key in self.models:
            relation = self._model(key)
            if key[0] == RELEASED_SCHEMA:
                columns = [*relation.columns.items(), *([("*", relation.rest)] if relation.rest else [])]
                self.flows.released += [
                    f"{RELEASED_SCHEMA}.{key[1]}.{column} holds {personal} (through {' > '.join((*path, key[1]))})"
                    for column, taint in columns
                    for (personal, _), path in sorted((taint or {}).items())
                ]
        return self.flows

    def _model(self, key: tuple[str, str]) -> Relation:
        if key in self.known:
            return self.known[key]
        self.known[key] = Relation(rest={})
        model = self.models[key]
        try:
            statements = [
                s for s in sqlglot.parse(FORCE.sub('"force"', model.sql), read="duckdb") if s is not None
            ]
            if len(statements) != 1 or not isinstance(statements[0], exp.Query):
                raise CannotFollow("it is not one query")
            relation = self._query(statements[0], {}, None)
        except (SqlglotError, CannotFollow) as error:
            said = str(error).splitlines()[0] if isinstance(error, CannotFollow) else "it cannot be parsed"
            self.flows.unclear.append(f"{model.schema}.{model.name} cannot be followed: {said}")
            return self.known[key]
        named = {name: self._kept(model.name, taint) for name, taint in relation.columns.items()}
        rest = None if relation.rest is None else self._kept(model.name, relation.rest)
        self.known[key] = Relation(named, rest)
        return self.known[key]

    def _kept(self, model: str, taint: Taint) -> Taint:
        """What is still a personal value; of the rest it is noted that the model uses it."""
        self.flows.uses |= {Use(model, kind, personal) for personal, kind in taint if kind != VALUE}
        return {key: path for key, path in taint.items() if key[1] == VALUE}

    def _table(self, table: exp.Table, ctes: Mapping[str, Relation], scope: Scope | None) -> Relation:
        name, schema = table.name.lower(), table.db.lower()
        if not isinstance(table.this, exp.Identifier):
            return Relation(rest=self._children(table.this, ctes, scope))
        if not schema and name in ctes:
            return ctes[name]
        if schema == "raw" and name in self.contracts:
            versions = [column for v in self.contracts[name].versions for column in v.columns]
            personal = {c.name for c in versions if c.sensitivity == "personal"}
            holds: dict[str, Taint] = {
                c.name: {(f"{name}.{c.name}", VALUE): ()} if c.name in personal else {} for c in versions
            }
            return Relation(holds, rest={})
        if (schema, name) in self.models:
            made = self._model((schema, name))
            return Relation({c: _through(name, t) for c, t in made.columns.items()}, made.rest)
        if schema in OPEN_SCHEMAS or (SEEDS / f"{name}.csv").exists():
            return Relation(rest={})
        raise CannotFollow(f"no model, seed or contract makes {schema + '.' if schema else ''}{name}")

    def _query(
        self, query: exp.Expression | exp.Query, ctes: Mapping[str, Relation], outer: Scope | None
    ) -> Relation:
        ctes = dict(ctes)
        if (with_ := query.args.get("with_") or query.args.get("with")) is not None:
            for cte in with_.expressions:
                if with_.args.get("recursive") and isinstance(cte.this, exp.SetOperation):
                    ctes[cte.alias.lower()] = _renamed(self._query(cte.this.this, ctes, outer), cte)
                    ctes[cte.alias.lower()] = _renamed(self._query(cte.this, ctes, outer), cte)
                ctes[cte.alias.lower()] = _renamed(self._query(cte.this, ctes, outer), cte)
        if isinstance(query, (exp.Subquery, exp.Paren)):
            return self._query(query.this, ctes, outer)
        if isinstance(query, exp.SetOperation):
            left, right = (self._query(side, ctes, outer) for side in (query.this, query.expression))
            return _united(left, right, bool(query.args.get("by_name")))
        if isinstance(query, exp.Pivot):
            turned: dict[str, Relation] = {}
            self._add(query.this, turned, ctes, outer)
            return Relation(rest=_joined([relation.whole for relation in turned.values()]))
        if isinstance(query, exp.Values):
            return Relation(rest=self._children(query, ctes, outer))
        if isinstance(query, exp.Select):
            return self._select(query, ctes, outer)
        raise CannotFollow(f"a {type(query).__name__} is not followed")

    def _select(self, query: exp.Select, ctes: Mapping[str, Relation], outer: Scope | None) -> Relation:
        relations: dict[str, Relation] = {}
        first = query.args.get("from_") or query.args.get("from")
        sources = [first.this] if first else []
        for source in [*sources, *query.args.get("laterals", []), *query.args.get("joins", [])]:
            self._add(source, relations, ctes, outer)
        made = Relation()
        scope = Scope(relations, made.columns, outer)
        for position, one in enumerate(query.expressions):
            if one.is_star:
                self._expand(one, scope, made, ctes)
            else:
                name = (one.alias_or_name or f"_{position}").lower()
                made.columns[name] = self._taint(one, ctes, scope)
        return made

    def _add(
        self,
        source: exp.Expression,
        relations: dict[str, Relation],
        ctes: Mapping[str, Relation],
        outer: Scope | None,
    ) -> None:
        if isinstance(source, exp.Join):
            source = source.this
        scope = Scope(relations, {}, outer)
        if isinstance(source, exp.Table):
            found = self._table(source, ctes, scope)
        elif isinstance(source, (exp.Subquery, exp.Paren)) and isinstance(
            source.this, (exp.Query, exp.Pivot)
        ):
            found = self._query(source, ctes, scope)
        elif isinstance(source, (exp.Unnest, exp.Lateral, exp.Values)):
            found = Relation(rest=self._children(source, ctes, scope))
        else:
            raise CannotFollow(f"a {type(source).__name__} is not followed")
        if source.args.get("pivots"):
            found = Relation(rest=found.whole)
        relations[(source.alias_or_name or f"_{len(relations)}").lower()] = _renamed(found, source)
        for join in source.args.get("joins") or ():
            self._add(join, relations, ctes, outer)

    def _expand(
        self, one: exp.Expression, scope: Scope, made: Relation, ctes: Mapping[str, Relation]
    ) -> None:
        star = one.this if isinstance(one, exp.Column) else one
        if not isinstance(star, exp.Star):
            raise CannotFollow("a star inside an expression is not followed")
        table = one.table.lower() if isinstance(one, exp.Column) else ""
        if table and table not in scope.relations:
            raise CannotFollow(f"{table}.* names no table of the query")
        left_out = {e.name.lower() for key in ("except_", "except") for e in star.args.get(key) or ()}
        renamed = {e.this.name.lower(): e.alias.lower() for e in star.args.get("rename") or ()}
        for relation in [scope.relations[table]] if table else scope.relations.values():
            for name, taint in relation.columns.items():
                if name not in left_out:
                    to = renamed.get(name, name)
                    made.columns[to] = _joined([made.columns.get(to, {}), taint])
            if relation.rest is not None:
                made.rest = _joined([made.rest or {}, relation.rest])
        for replaced in star.args.get("replace") or ():
            made.columns[replaced.alias.lower()] = self._taint(replaced.this, ctes, scope)

    def _taint(self, node: exp.Expression, ctes: Mapping[str, Relation], scope: Scope | None) -> Taint:
        """What an expression holds, by its kind; an unknown kind holds all that it is made from."""
        if isinstance(node, exp.Column):
            return self._column(node, scope)
        if isinstance(node, exp.Columns):
            raise CannotFollow("columns(...) names no column")
        if isinstance(node, exp.Query):
            return self._query(node, ctes, scope).whole
        if isinstance(node, exp.Window):
            return self._taint(node.this, ctes, scope)
        if isinstance(node, (exp.Case, exp.If)):
            return self._branches(node, ctes, scope)
        if isinstance(node, exp.Filter):
            return self._taint(node.this, ctes, scope)
        if isinstance(node, exp.Lambda):
            names = {p.name.lower(): Taint() for p in node.expressions}
            return self._taint(node.this, ctes, Scope({"": Relation(names)}, {}, scope))
        inner = self._children(node, ctes, scope)
        if not inner:
            return inner
        kind = self._kind(node)
        return inner if kind is None else {(personal, kind): path for (personal, _), path in inner.items()}

    def _kind(self, node: exp.Expression) -> str | None:
        if _is_pseudonym(node):
            return PSEUDONYM
        if isinstance(node, (exp.Count, exp.CountIf)):
            return COUNT
        if isinstance(node, (exp.Predicate, exp.Connector, exp.Not)) and not isinstance(node, exp.Query):
            return FLAG
        return AGE if isinstance(node, exp.DateDiff) and node.text("unit").lower() == "year" else None

    def _branches(self, node: exp.Expression, ctes: Mapping[str, Relation], scope: Scope | None) -> Taint:
        """A case holds its results; whoever sees them knows the conditions too, as flags."""
        if isinstance(node, exp.If):
            results = [node.args.get("true"), node.args.get("false")]
            conditions = [node.this]
        else:
            results = [*(i.args.get("true") for i in node.args["ifs"]), node.args.get("default")]
            conditions = [*(i.this for i in node.args["ifs"]), *([node.this] if node.this else [])]
        told = [self._taint(c, ctes, scope) for c in conditions]
        flags = [{(personal, FLAG): path for (personal, _), path in one.items()} for one in told]
        return _joined([*(self._taint(r, ctes, scope) for r in results if r is not None), *flags])

    def _children(self, node: exp.Expression, ctes: Mapping[str, Relation], scope: Scope | None) -> Taint:
        return _joined([self._taint(child, ctes, scope) for child in node.iter_expressions()])

    def _column(self, column: exp.Column, scope: Scope | None) -> Taint:
        name, table = column.name.lower(), column.table.lower()
        if isinstance(column.this, exp.Star):
            raise CannotFollow("a star inside an expression is not followed")
        while scope is not None:
            if table and table in scope.relations:
                found = scope.relations[table].get(name)
                if found is None:
                    raise CannotFollow(f"{table}.{name} is not there")
                return found
            if not table or not column.args.get("db"):
                wanted = table or name
                named = [r.columns[wanted] for r in scope.relations.values() if wanted in r.columns]
                if named:
                    return _joined(named)
                if wanted in scope.aliases:
                    return scope.aliases[wanted]
                if wanted in scope.relations:
                    return scope.relations[wanted].whole
                rests = [r.rest for r in scope.relations.values() if r.rest is not None]
                if rests:
                    return _joined(rests)
            scope = scope.outer
        raise CannotFollow(f"{table + '.' if table else ''}{name} is not there")


def _is_pseudonym(node: exp.Expression) -> bool:
    """The macro `pseudonym`: sixteen letters of the hash of the home's key and the identity."""
    if not isinstance(node, exp.Substring) or node.text("start") != "1" or node.text("length") != "16":
        return False
    hashed = node.this
    if not isinstance(hashed, (exp.SHA2, exp.SHA)) and hashed.name.lower() != "sha256":
        return False
    first = next(_leftmost(hashed), None)
    return isinstance(first, exp.Column) and (first.table, first.name) == ("secret", "key")


def _leftmost(node: exp.Expression) -> Iterator[exp.Expression]:
    inner = node.expressions[0] if isinstance(node, exp.Anonymous) and node.expressions else node.this
    while isinstance(inner, (exp.DPipe, exp.Concat, exp.Paren)):
        inner = inner.expressions[0] if isinstance(inner, exp.Concat) else inner.this
    yield inner


def _joined(taints: Sequence[Taint]) -> Taint:
    joined: Taint = {}
    for one in taints:
        joined |= one
    return joined


def _through(model: str, taint: Taint) -> Taint:
    return {key: (*path, model) for key, path in taint.items()}


def _renamed(relation: Relation, source: exp.Expression) -> Relation:
    """A relation under the column names that its alias gives."""
    names = [name.lower() for name in source.alias_column_names]
    if not names:
        return relation
    if relation.rest is not None:
        return Relation(rest=relation.whole)
    taints = list(relation.columns.items())
    return Relation({names[i] if i < len(names) else old: t for i, (old, t) in enumerate(taints)})


def _united(left: Relation, right: Relation, by_name: bool) -> Relation:
    if left.rest is None and right.rest is None and not by_name:
        pairs = zip_longest(left.columns.items(), right.columns.values(), fillvalue=None)
        return Relation({pair[0]: _joined([pair[1], other or {}]) for pair, other in pairs if pair})
    names = [*left.columns, *(name for name in right.columns if name not in left.columns)]
    if by_name:
        united = {n: _joined([left.columns.get(n, {}), right.columns.get(n, {})]) for n in names}
    else:
        united = {n: _joined([left.columns.get(n, {}), right.whole]) for n in names}
    is_open = left.rest is not None or right.rest is not None
    return Relation(united, _joined([left.rest or {}, right.rest or {}]) if is_open else None)
