"""Metadata: the facts that Dagster shows beside an asset.

What belongs here: counts, names, moments and column schemas, read from the ledger and from DuckDB's catalogue. What
does not: any value of a row. Metadata is kept in Dagster's own database, outside the restricted warehouse.
Dagster's documentation calls this concept "Asset metadata"; the keys that begin `dagster/` are its standard ones.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb

from dagster_srp.building import BuildPlan
from dagster_srp.contracts import Contract
from dagster_srp.duck import Engine, identifier, open_file, value_of
from dagster_srp.home import Home
from dagster_srp.landing.reading import quarantine_counts
from dagster_srp.release import Manifest

Metadata = dict[str, Any]
LONGEST_TABLE = 22
"""Lines of a table on an asset's page; `srp quarantine` has the rest."""

DELIVERED = """
select
    feed,
    count(*) filter (where state = 'accepted') as accepted_deliveries,
    count(*) filter (where state = 'held') as held_deliveries,
    coalesce(sum(rows_read_count), 0)::bigint as rows_read,
    coalesce(sum(accepted_count), 0)::bigint as accepted,
    coalesce(sum(quarantined_count), 0)::bigint as quarantined,
    max_by(file_name, (extracted_at, sha256)) as file_name,
    max_by(sha256, (extracted_at, sha256)) as sha256,
    max(extracted_at) as extracted_at,
    string_agg(sha256 || landed_by, ' ' order by sha256) filter (where state = 'accepted') as content
from ledger.deliveries
group by feed
"""

RELATIONS = """
select schema_name, table_name, 'table' as kind from duckdb_tables() where database_name = current_database()
union all
select schema_name, view_name, 'view' from duckdb_views() where database_name = current_database() and not internal
"""

COLUMNS = """
select schema_name, table_name, column_name, data_type, is_nullable
from duckdb_columns() where database_name = current_database() and not internal order by column_index
"""


def contract_schema(contract: Contract) -> dg.TableSchema:
    """A raw table's columns as the contract has them: meaning, type, sensitivity, and what may not be missing."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=column.name,
                type=column.storage_type,
                description=column.description,
                constraints=dg.TableColumnConstraints(nullable=not column.required),
                tags={"sensitivity": column.sensitivity},
            )
            for column in contract.columns
        ]
    )


def landing_metadata(
    home: Home, contracts: Mapping[str, Contract], engine: Engine
) -> tuple[dict[str, Metadata], dict[str, str]]:
    """By feed: what its raw asset shows, and a version that changes only with what was accepted."""
    with open_file(home.workplace.landing, engine) as connection:
        rows = connection.execute(DELIVERED).fetchall()
    facts, versions = {}, {}
    for feed, taken, held, read, accepted, quarantined, file_name, sha256, extracted_at, content in rows:
        facts[feed] = {
            "dagster/row_count": accepted,
            "rows read": read,
            "accepted": accepted,
            "quarantined": quarantined,
            "deliveries": taken,
            "deliveries held": held,
            "last delivery": file_name,
            "last delivery sha256": sha256,
            "last extracted at": extracted_at.isoformat(sep=" "),
        }
        versions[feed] = hashlib.sha256((content or "").encode()).hexdigest()
    for feed, broken in _broken_rules(home, contracts, engine).items():
        if feed in facts:
            facts[feed]["quarantined, by file and rule"] = dg.MetadataValue.md("\n".join(broken))
    return facts, versions


def _broken_rules(home: Home, contracts: Mapping[str, Contract], engine: Engine) -> dict[str, list[str]]:
    """By feed: which rule was broken by how many rows of which file, and on which lines first; the newest files first."""
    lines: dict[str, list[str]] = defaultdict(list)
    for row in reversed(quarantine_counts(home, contracts, None, engine)):
        if not lines[row["feed"]]:
            lines[row["feed"]] += ["| file | rule | rows | first lines |", "|---|---|---|---|"]
        if len(lines[row["feed"]]) < LONGEST_TABLE:
            first = ", ".join(str(line) for line in row["first_lines"])
            reason = str(row["reason"]).replace("|", "\\|")
            lines[row["feed"]].append(f"| {row['file_name']} | {reason} | {row['rows_count']} | {first} |")
    return lines


def plan_metadata(plan: BuildPlan) -> Metadata:
    """What the build may see."""
    return {
        "release": plan.release_id,
        "as at": plan.as_at.isoformat(sep=" ") if plan.as_at else "now",
        "known at": plan.known_at.isoformat(sep=" ") if plan.known_at else "no delivery yet",
        "deliveries": plan.visible_count,
        "new deliveries": plan.new_count,
        "build": "full" if plan.is_full else "incremental",
    }


def model_metadata(
    files: Iterable[Path], descriptions: Mapping[dg.AssetKey, Mapping[str, str]]
) -> dict[dg.AssetKey, Metadata]:
    """By table: how many rows, and its columns as they are. Views are not counted: that would run them."""
    facts: dict[dg.AssetKey, Metadata] = {}
    for file in files:
        with open_file(file) as connection:
            columns = _columns(connection, descriptions)
            for schema, name, kind in connection.execute(RELATIONS).fetchall():
                key = dg.AssetKey([schema, name])
                if key in descriptions:
                    facts[key] = {"kind": kind, "dagster/column_schema": dg.TableSchema(columns=columns[key])}
                    if kind == "table":
                        facts[key]["dagster/row_count"] = _row_count(connection, key)
    return facts


def candidate_metadata(file: Path) -> Metadata:
    """The candidate as a file."""
    with open_file(file) as connection:
        tables = [name for _, name, kind in connection.execute(RELATIONS).fetchall() if kind == "table"]
    return {"tables": len(tables), "bytes": file.stat().st_size}


def release_metadata(home: Home, manifest: Manifest, pruned: list[str]) -> Metadata:
    """What was released."""
    facts: Metadata = {
        "release": manifest.release_id,
        "manifest": dg.MetadataValue.path(str(home.releases / manifest.release_id / "manifest.json")),
        "known at": manifest.known_at or "no delivery yet",
        "as at": manifest.as_at or "now",
        "demo": manifest.is_demo,
        "dagster/row_count": sum(table.rows for table in manifest.tables),
        "gates": ", ".join(f"{count} {name}" for name, count in manifest.gates.items()),
        "dbt": ", ".join(f"{count} {name}" for name, count in manifest.dbt.items()),
        "deliveries": sum(delivery.state == "accepted" for delivery in manifest.deliveries),
        "pruned": ", ".join(pruned) or "none",
    }
    if manifest.tables:
        facts["tables"] = dg.MetadataValue.table([dg.TableRecord(asdict(table)) for table in manifest.tables])
    if manifest.warnings:
        facts["warnings"] = dg.MetadataValue.md("\n".join(f"- {warning}" for warning in manifest.warnings))
    return facts


def _columns(
    connection: duckdb.DuckDBPyConnection, descriptions: Mapping[dg.AssetKey, Mapping[str, str]]
) -> dict[dg.AssetKey, list[dg.TableColumn]]:
    columns: dict[dg.AssetKey, list[dg.TableColumn]] = defaultdict(list)
    for schema, table, name, data_type, nullable in connection.execute(COLUMNS).fetchall():
        key = dg.AssetKey([schema, table])
        columns[key].append(
            dg.TableColumn(
                name=name,
                type=str(data_type).lower(),
                description=descriptions.get(key, {}).get(name),
                constraints=dg.TableColumnConstraints(nullable=bool(nullable)),
            )
        )
    return columns


def _row_count(connection: duckdb.DuckDBPyConnection, key: dg.AssetKey) -> int:
    schema, table = key.path
    return int(value_of(connection, f"select count(*) from {identifier(schema)}.{identifier(table)}"))
