"""Great Expectations on DuckDB: the SQLAlchemy dialect and the metrics that it lacks.

Three things of Great Expectations 1.24 do not work on DuckDB as it comes:

- It closes its connection before it fetches, and the rollback on the way back to the pool throws DuckDB's open result
  away. `GateDialect` begins, commits and rolls back nothing, which is sound only because it opens files read-only.
- The regular-expression and LIKE metrics know their dialects by name and refuse any other; they are registered anew.
- A custom SQL expectation runs its query twice, the second time to fetch rows. Those rows are raw values that no
  verdict may carry, so that metric fetches none here.

Importing this module imports Great Expectations, which takes seconds: only `judging` does so, when it first judges.
"""

# ruff: noqa: N805 - Great Expectations' decorators make class methods of the metrics' functions.

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from duckdb_sqlalchemy import Dialect as DuckDBDialect
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.metrics.map_metric_provider.column_condition_partial import (
    column_condition_partial,
)
from great_expectations.expectations.metrics.map_metric_provider.column_map_metric_provider import (
    ColumnMapMetricProvider,
)
from great_expectations.expectations.metrics.metric_provider import metric_value
from great_expectations.expectations.metrics.query_metric_provider import QueryMetricProvider
from sqlalchemy.dialects import registry
from sqlalchemy.pool import StaticPool

from dagster_srp.duck import identifier, literal

DIALECT_NAME = "srpgates"


class GateDialect(DuckDBDialect):
    """DuckDB files opened read-only on one connection, with the views that the suites judge."""

    name = DIALECT_NAME
    supports_statement_cache = False

    def connect(self, *cargs: Any, **cparams: Any) -> Any:
        """Open the file read-only, attach its companions read-only, and make the judged views on the connection."""
        attached: dict[str, str] = cparams.pop("attached", {})
        views: dict[str, str] = cparams.pop("views", {})
        connection = super().connect(*cargs, read_only=True, **cparams)
        try:
            # It would work out a view that a query names twice once and whole, where a filter leaves few rows of each.
            connection.execute("set disabled_optimizers = 'common_subplan'")
            connection.execute("set enable_progress_bar = false")
            for alias, path in attached.items():
                connection.execute(f"attach if not exists {literal(path)} as {identifier(alias)} (read_only)")
            for view, query in views.items():
                connection.execute(f"create or replace temp view {identifier(view)} as {query}")
        except BaseException:
            connection.close()
            raise
        return connection

    @classmethod
    def get_pool_class(cls, url: sa.URL) -> type[StaticPool]:
        """One connection for all: the judged views exist on that connection only."""
        return StaticPool

    def do_begin(self, dbapi_connection: Any) -> None:
        """Begin nothing: the files are read-only."""

    def do_commit(self, dbapi_connection: Any) -> None:
        """Commit nothing: the files are read-only."""

    def do_rollback(self, dbapi_connection: Any) -> None:
        """Roll nothing back: it would throw away a result that has not been fetched yet."""


registry.register(DIALECT_NAME, __name__, "GateDialect")


class _Condition(ColumnMapMetricProvider):
    """A row-by-row condition on one column; registered under the name of the metric that it stands in for."""


class MatchRegex(_Condition):
    """`column_values.match_regex` by DuckDB's regexp_matches."""

    condition_metric_name = "column_values.match_regex"
    condition_value_keys = ("regex",)

    @column_condition_partial(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(cls, column: Any, regex: str, **_: Any) -> Any:
        return _matches(column, regex)


class NotMatchRegex(_Condition):
    """`column_values.not_match_regex`."""

    condition_metric_name = "column_values.not_match_regex"
    condition_value_keys = ("regex",)

    @column_condition_partial(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(cls, column: Any, regex: str, **_: Any) -> Any:
        return sa.not_(_matches(column, regex))


class MatchRegexList(_Condition):
    """`column_values.match_regex_list`, any or all of the list."""

    condition_metric_name = "column_values.match_regex_list"
    condition_value_keys = ("regex_list", "match_on")

    @column_condition_partial(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(cls, column: Any, regex_list: list[str], match_on: str | None = None, **_: Any) -> Any:
        conditions = [_matches(column, regex) for regex in regex_list]
        return sa.and_(*conditions) if match_on == "all" else sa.or_(*conditions)


class NotMatchRegexList(_Condition):
    """`column_values.not_match_regex_list`."""

    condition_metric_name = "column_values.not_match_regex_list"
    condition_value_keys = ("regex_list",)

    @column_condition_partial(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(cls, column: Any, regex_list: list[str], **_: Any) -> Any:
        return sa.and_(*(sa.not_(_matches(column, regex)) for regex in regex_list))


class MatchLikePattern(_Condition):
    """`column_values.match_like_pattern`."""

    condition_metric_name = "column_values.match_like_pattern"
    condition_value_keys = ("like_pattern", "escape")

    @column_condition_partial(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(cls, column: Any, like_pattern: str, escape: str | None = None, **_: Any) -> Any:
        return column.like(sa.literal(like_pattern), escape=escape)


class NotMatchLikePattern(_Condition):
    """`column_values.not_match_like_pattern`."""

    condition_metric_name = "column_values.not_match_like_pattern"
    condition_value_keys = ("like_pattern", "escape")

    @column_condition_partial(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(cls, column: Any, like_pattern: str, escape: str | None = None, **_: Any) -> Any:
        return sa.not_(column.like(sa.literal(like_pattern), escape=escape))


class MatchLikePatternList(_Condition):
    """`column_values.match_like_pattern_list`, any or all of the list."""

    condition_metric_name = "column_values.match_like_pattern_list"
    condition_value_keys = ("like_pattern_list", "match_on", "escape")

    @column_condition_partial(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(
        cls,
        column: Any,
        like_pattern_list: list[str],
        match_on: str = "any",
        escape: str | None = None,
        **_: Any,
    ) -> Any:
        conditions = [column.like(sa.literal(pattern), escape=escape) for pattern in like_pattern_list]
        return sa.and_(*conditions) if match_on == "all" else sa.or_(*conditions)


class NotMatchLikePatternList(_Condition):
    """`column_values.not_match_like_pattern_list`."""

    condition_metric_name = "column_values.not_match_like_pattern_list"
    condition_value_keys = ("like_pattern_list", "escape")

    @column_condition_partial(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(
        cls, column: Any, like_pattern_list: list[str], escape: str | None = None, **_: Any
    ) -> Any:
        return sa.not_(sa.or_(*(column.like(sa.literal(p), escape=escape) for p in like_pattern_list)))


class UnexpectedRowCount(QueryMetricProvider):
    """How many rows a custom query finds; `{batch}` in it is the judged view's plain name, so that it can be joined."""

    metric_name = "unexpected_rows_query.row_count"
    value_keys = ("unexpected_rows_query",)

    @metric_value(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(
        cls,
        execution_engine: SqlAlchemyExecutionEngine,
        metric_domain_kwargs: dict[str, Any],
        metric_value_kwargs: dict[str, Any],
        **_: Any,
    ) -> int:
        batch: Any = execution_engine.batch_manager.active_batch_data
        query = metric_value_kwargs["unexpected_rows_query"].replace("{batch}", str(batch.source_table_name))
        counted = f"select count(*) from ({query}) as unexpected"
        return int(execution_engine.execute_query(sa.text(counted.replace(":", r"\:"))).scalar_one())


class UnexpectedRowsUnseen(QueryMetricProvider):
    """The rows that a custom query finds: none are fetched, for they are raw values."""

    metric_name = "unexpected_rows_query.table"
    value_keys = ("unexpected_rows_query",)

    @metric_value(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(cls, **_: Any) -> list[dict[str, Any]]:
        return []


def connection_url(database: Path) -> str:
    """The URL under which Great Expectations opens a DuckDB file with this dialect."""
    return f"{DIALECT_NAME}:///{database}"


def _matches(column: Any, regex: str) -> Any:
    return sa.func.regexp_matches(column, sa.literal(regex))
