"""What is generated from the contracts: dbt's source definitions and the meanings of their columns.

The files stand in the dbt project so that dbt reads them without a step before it; a test compares them with what this
module gives, so that a contract changed without them is found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import yaml

from dagster_srp.contracts.model import Column, Contract

# What landing adds to every raw row, after the contract's own columns.
LANDING_COLUMNS: tuple[tuple[str, str], ...] = (
    ("_delivery_no", "integer"),
    ("_member", "varchar"),
    ("_line", "integer"),
)
# A month has at most 31 days; a delivery may come a month after it was due before anybody is warned.
DAYS_A_MONTH = 31


def partner_of(feed: str) -> str:
    """The partner's short name that begins a feed's name: `syp` of `syp_crimes`, `police_uk` of `police_uk_street`."""
    return "police_uk" if feed.startswith("police_uk_") else feed.split("_", 1)[0]


def dbt_sources(contracts: Mapping[str, Contract]) -> dict[str, str]:
    """The generated files by their path inside the dbt project: for each partner its sources and its column docs."""
    by_partner: dict[str, list[Contract]] = defaultdict(list)
    for feed in sorted(contracts):
        by_partner[partner_of(feed)].append(contracts[feed])
    files: dict[str, str] = {}
    for partner, feeds in sorted(by_partner.items()):
        folder = f"models/staging/{partner}"
        files[f"{folder}/_{partner}__sources.yml"] = _sources(feeds)
        files[f"{folder}/_{partner}__docs.md"] = _docs(feeds)
    return files


def doc_name(contract: Contract, column: Column) -> str:
    """The name of the docs block that holds the column's meaning."""
    return f"{contract.feed}__{column.name}"


def _sources(contracts: list[Contract]) -> str:
    source = {
        "name": "landing",
        "database": "landing",
        "schema": "raw",
        "description": "Accepted rows of every delivery ever landed, one table a feed. Restricted: holds personal data.",
        "tables": [_table(contract) for contract in contracts],
    }
    body = yaml.safe_dump(
        {"version": 2, "sources": [source]},
        sort_keys=False,
        allow_unicode=True,
        width=116,
        default_flow_style=False,
    )
    return (
        "# Generated from the contracts by dagster_srp.contracts.generate: change the contract, not this file.\n"
        + body
    )


def _table(contract: Contract) -> dict[str, object]:
    late = contract.cadence_months * DAYS_A_MONTH + DAYS_A_MONTH
    landed_at = f"select max(extracted_at) from landing.ledger.deliveries where feed = '{contract.feed}'"
    columns: list[dict[str, object]] = [
        {
            "name": column.name,
            "data_type": column.storage_type.lower(),
            "description": f"{{{{ doc('{doc_name(contract, column)}') }}}}",
            "config": {"meta": {"sensitivity": column.sensitivity, "partner_header": column.source_name}},
        }
        for column in contract.columns
    ]
    columns += [
        {"name": name, "data_type": data_type, "description": f"{{{{ doc('{name}') }}}}"}
        for name, data_type in LANDING_COLUMNS
    ]
    return {
        "name": contract.feed,
        "description": f"One row is {contract.row_meaning}, as one delivery gave it. {contract.partner}.",
        "config": {
            "loaded_at_query": f"{landed_at} and state = 'accepted'",
            "freshness": {
                "warn_after": {"count": late, "period": "day"},
                "error_after": None,
            },
            "meta": {"restates_by": contract.restates_by, "contract_version": contract.version},
        },
        "columns": columns,
    }


def _docs(contracts: list[Contract]) -> str:
    blocks = [
        f"{{% docs {doc_name(contract, column)} %}}\n{column.description}\n{{% enddocs %}}\n"
        for contract in contracts
        for column in contract.columns
    ]
    return "\n".join(blocks)
