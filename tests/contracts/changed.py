"""Contracts with a change that a partner might make, as files of a folder of their own."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from dagster_srp.contracts import Contract, load_contract, load_contracts
from dagster_srp.contracts.load import CONTRACTS_DIR

Document = dict[str, Any]

VEHICLES = {
    "name": "vehicle_count",
    "businessName": "Vehicles",
    "logicalType": "integer",
    "physicalType": "INTEGER",
    "description": "How many vehicles there were.",
    "classification": "sensitive",
    "required": True,
}
FROM = dt.date(2024, 7, 1)


def changed(folder: Path, feed: str, change: Callable[[Document], None]) -> Contract:
    """The feed's contract after a change of its file."""
    document = yaml.safe_load((CONTRACTS_DIR / f"{feed}.odcs.yaml").read_text(encoding="utf-8"))
    change(document)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{feed}.odcs.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return load_contract(path)


def all_with(folder: Path, feed: str, change: Callable[[Document], None]) -> dict[str, Contract]:
    """Every contract, one of them changed."""
    shutil.copytree(CONTRACTS_DIR, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.py*", "__*"))
    changed(folder, feed, change)
    return load_contracts(folder)


def add_a_needed_column(document: Document) -> None:
    """A column that every file has from `FROM` on, and none before."""
    document["schema"][0]["properties"].append(dict(VEHICLES))
    document["version"] = "1.1.0"
    document["customProperties"] += [
        {"property": "validFrom", "value": FROM},
        {"property": "earlierVersions", "value": [{"version": "1.0.0", "without": ["vehicle_count"]}]},
    ]


def add_an_optional_column(document: Document) -> None:
    """A column that files of any time may have."""
    optional = {"required": False, "customProperties": [{"property": "header", "value": "optional"}]}
    document["schema"][0]["properties"].append(VEHICLES | optional)
    document["version"] = "1.1.0"


def add_a_column_and_say_nothing(document: Document) -> None:
    """A column that need not be filled, and that the older files' headers lack."""
    document["schema"][0]["properties"].append(VEHICLES | {"required": False})
    document["version"] = "1.1.0"


def rename_a_column(document: Document) -> None:
    """The crimes' ward column under another header from `FROM` on."""
    ward = next(c for c in document["schema"][0]["properties"] if c["name"] == "ward_code")
    earlier = {"version": "1.0.0", "columns": [{"name": "ward_code", "businessName": ward["businessName"]}]}
    ward["businessName"] = "Ward"
    document["version"] = "2.0.0"
    document["customProperties"] += [
        {"property": "validFrom", "value": FROM},
        {"property": "earlierVersions", "value": [earlier]},
    ]
