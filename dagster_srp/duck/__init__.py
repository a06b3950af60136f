"""The one door to DuckDB: opens files, attaches them, quotes names and texts, and reads single rows.

What belongs here: everything that each user of DuckDB needs and nobody should write twice. What does not: any query about
the warehouse's own tables. dbt and Great Expectations open their connections themselves, with the same `Engine`.
"""

from dagster_srp.duck.engine import STORAGE_VERSION, Engine, attach, open_file, open_memory
from dagster_srp.duck.rows import records, row_of, value_of
from dagster_srp.duck.text import file_literal, identifier, literal

__all__ = [
    "STORAGE_VERSION",
    "Engine",
    "attach",
    "file_literal",
    "identifier",
    "literal",
    "open_file",
    "open_memory",
    "records",
    "row_of",
    "value_of",
]
