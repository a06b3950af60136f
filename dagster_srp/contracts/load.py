"""Reads the ODCS files into `Contract` values, refusing anything a contract may not leave out."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, cast

import yaml
from open_data_contract_standard.model import CustomProperty, OpenDataContractStandard, SchemaProperty

from dagster_srp.contracts.model import Column, Contract, ExtractedAt, Reference, RowRule

CONTRACTS_DIR = Path(__file__).parent
SEEDS_DIR = Path(__file__).parents[2] / "seeds"
_YAML = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class ContractError(ValueError):
    """A contract file does not say what a contract must say."""


def load_contracts(folder: Path | None = None, seeds: Path | None = None) -> dict[str, Contract]:
    """Every contract of the folder by feed name, in name order.

    Raises ContractError naming the file and what is wrong with it.
    """
    paths = sorted((folder or CONTRACTS_DIR).glob("*.odcs.yaml"))
    contracts = [load_contract(path, seeds or SEEDS_DIR) for path in paths]
    return {contract.feed: contract for contract in contracts}


def load_contract(path: Path, seeds: Path = SEEDS_DIR) -> Contract:
    """One contract from its file."""
    try:
        # The model's own reader parses in Python, which took a third of a second of every refresh.
        document = OpenDataContractStandard(**yaml.load(path.read_text(encoding="utf-8"), _YAML))
        return _contract(document, path, seeds)
    except (
        LookupError,
        TypeError,
        AttributeError,
        ValueError,
        StopIteration,
        OSError,
        yaml.YAMLError,
    ) as error:
        raise ContractError(
            f"{path.name}: {error!r}. See docs/engineer.md, 'Changing a contract'."
        ) from error


def _contract(document: OpenDataContractStandard, path: Path, seeds: Path) -> Contract:
    feed = document.name or ""
    if path.name != f"{feed}.odcs.yaml":
        raise ContractError(f"the file is {path.name} but the contract's name is {feed!r}")
    custom = _custom(document.customProperties)
    (table,) = document.schema_ or []
    properties = table.properties or []
    key = sorted((p for p in properties if p.primaryKey), key=lambda p: p.primaryKeyPosition or 0)
    columns = tuple(_column(p) for p in properties)
    rule = custom["extractedAt"]
    return Contract(
        feed=feed,
        version=document.version or "",
        partner=document.dataProduct or "",
        row_meaning=(table.dataGranularityDescription or "").removeprefix("One row is ").rstrip("."),
        restates_by=custom["restatesBy"],
        key=tuple(str(p.name) for p in key),
        replaces_by=tuple(custom.get("replacesBy", ())),
        period_column=custom.get("periodColumn"),
        columns=columns,
        row_rules=tuple(RowRule(str(q.implementation), str(q.description)) for q in table.quality or []),
        cadence_months=int(
            cast(int, next(p.value for p in document.slaProperties or [] if p.property == "frequency"))
        ),
        file_formats=tuple(custom["fileFormats"]),
        extracted_at=ExtractedAt(rule["from"], rule["pattern"], rule.get("format")),
        quarantine_threshold=float(custom["quarantineThreshold"]),
        zip_member=custom.get("zipMember"),
        has_preamble=bool(custom.get("preamble", False)),
        content_hash=_content_hash(path, columns, seeds),
    )


def _column(prop: SchemaProperty) -> Column:
    custom = _custom(prop.customProperties)
    options: dict[str, Any] = prop.logicalTypeOptions or {}
    allowed = [
        value
        for rule in prop.quality or []
        if rule.metric == "invalidValues"
        for value in (rule.arguments or {})["validValues"]
    ]
    reference = custom.get("references")
    true_false = custom.get("trueFalse")
    if prop.classification not in ("personal", "sensitive", "open"):
        raise ContractError(f"column {prop.name}: classification must be personal, sensitive or open")
    for said in ("businessName", "description", "logicalType", "physicalType"):
        if not getattr(prop, said):
            raise ContractError(f"column {prop.name}: {said} is missing")
    if prop.logicalType in ("date", "timestamp") and not options.get("format"):
        raise ContractError(f"column {prop.name}: a {prop.logicalType} needs logicalTypeOptions.format")
    return Column(
        name=str(prop.name),
        source_name=str(prop.businessName),
        description=str(prop.description),
        logical_type=str(prop.logicalType),
        physical_type=str(prop.physicalType),
        required=bool(prop.required),
        sensitivity=cast(Any, prop.classification),
        pattern=options.get("pattern"),
        minimum=options.get("minimum"),
        maximum=options.get("maximum"),
        format=options.get("format"),
        allowed_values=tuple(str(value) for value in allowed),
        separator=custom.get("separator"),
        references=Reference(*reference.split(".")) if reference else None,
        true_false=(true_false[0], true_false[1]) if true_false else None,
        thousands_separator=custom.get("thousandsSeparator"),
        not_available=custom.get("notAvailable"),
    )


def _custom(properties: list[CustomProperty] | None) -> dict[str, Any]:
    return {str(p.property): p.value for p in properties or []}


def _content_hash(path: Path, columns: tuple[Column, ...], seeds: Path) -> str:
    digest = hashlib.sha256(path.read_bytes())
    for seed in sorted({c.references.seed for c in columns if c.references}):
        digest.update((seeds / f"{seed}.csv").read_bytes())
    return digest.hexdigest()
