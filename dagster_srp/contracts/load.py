"""Reads the ODCS files into `Contract` values, refusing anything a contract may not leave out."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import json
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml
from open_data_contract_standard.model import CustomProperty, OpenDataContractStandard, SchemaProperty

from dagster_srp.contracts.model import Column, Contract, ExtractedAt, Reference, RowRule
from dagster_srp.contracts.versions import earlier_documents

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
        document = yaml.load(path.read_text(encoding="utf-8"), _YAML)
        present = _contract(OpenDataContractStandard(**document), path)
        earlier = tuple(
            _contract(OpenDataContractStandard(**alone), path) for alone in earlier_documents(document)
        )
        return _with_versions(present, earlier, seeds)
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


def _with_versions(present: Contract, earlier: tuple[Contract, ...], seeds: Path) -> Contract:
    """The contract with its earlier versions, once they follow one another and keep their columns' types."""
    versions = (present, *earlier)
    begins = [v.valid_from for v in versions]
    if None in begins[:-1]:
        raise ContractError("every version but the oldest needs validFrom, the day from which it is valid")
    days = [day for day in begins if day]
    if days != sorted(set(days), reverse=True):
        raise ContractError("earlierVersions must stand newest first, each with an earlier validFrom")
    if len({v.version for v in versions}) < len(versions):
        raise ContractError("two versions have the same number: raise `version` with every change")
    for now, *before in zip(*(v.columns for v in versions), strict=True):
        if {c.storage_type for c in before} - {now.storage_type}:
            raise ContractError(f"column {now.name}: its type must be the same in every version")
    content = _content_hash(versions, seeds)
    return replace(
        present, content_hash=content, earlier=tuple(replace(v, content_hash=content) for v in earlier)
    )


def _contract(document: OpenDataContractStandard, path: Path) -> Contract:
    """One version of a contract; its hash follows from all of them."""
    feed = document.name or ""
    if path.name != f"{feed}.odcs.yaml":
        raise ContractError(f"the file is {path.name} but the contract's name is {feed!r}")
    custom = _custom(document.customProperties)
    (table,) = document.schema_ or []
    properties = table.properties or []
    key = sorted((p for p in properties if p.primaryKey), key=lambda p: p.primaryKeyPosition or 0)
    columns = tuple(_column(p) for p in properties)
    rule = custom["extractedAt"]
    if unknown := set(custom.get("identity", ())) - {c.name for c in columns}:
        raise ContractError(f"identity names {sorted(unknown)}, and no columns of that name are there")
    needed = {str(p.name) for p in key} | {*custom.get("replacesBy", ()), custom.get("periodColumn")}
    if lost := [c.name for c in columns if c.header != "needed" and c.name in needed]:
        raise ContractError(
            f"{', '.join(lost)}: the key, the period and the months need their columns in every file"
        )
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
        extracted_at=ExtractedAt(rule["from"], rule["pattern"], rule.get("format"), rule.get("edition")),
        quarantine_threshold=float(custom["quarantineThreshold"]),
        zip_member=custom.get("zipMember"),
        has_preamble=bool(custom.get("preamble", False)),
        content_hash="",
        ignored_headers=tuple(custom.get("ignoredHeaders", ())),
        identity=tuple(custom.get("identity", ())),
        may_lie_ahead=bool(custom.get("periodMayLieAhead", False)),
        valid_from=_day(custom.get("validFrom")),
    )


def _day(value: Any) -> dt.date | None:
    return value if value is None or isinstance(value, dt.date) else dt.date.fromisoformat(str(value))


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
    header = custom.get("header", "needed")
    if header not in ("needed", "optional", "absent"):
        raise ContractError(f"column {prop.name}: header must be needed or optional")
    if header == "optional" and prop.required:
        raise ContractError(f"column {prop.name}: a header may be left out only where no value is required")
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
        references=_reference(reference, custom.get("referencesOn")),
        true_false=(true_false[0], true_false[1]) if true_false else None,
        thousands_separator=custom.get("thousandsSeparator"),
        not_available=custom.get("notAvailable"),
        header=cast(Any, header),
        other_names=tuple(custom.get("otherNames", ())),
    )


def _reference(said: str | None, on: str | None) -> Reference | None:
    if said is None:
        return None
    seed, column = said.split(".")
    return Reference(seed, column, on)


def _custom(properties: list[CustomProperty] | None) -> dict[str, Any]:
    return {str(p.property): p.value for p in properties or []}


PROSE = ("description", "partner", "row_meaning", "cadence_months", "earlier", "content_hash")
"""What of a contract changes nothing of a row's judgement. A rule's description does: it is written beside the row."""


def _content_hash(versions: tuple[Contract, ...], seeds: Path) -> str:
    """Of what the versions mean and of the values that their code lists hold."""
    meaning = [
        _meaning(asdict(v))
        | {"row_rules": [asdict(rule) for rule in v.row_rules]}
        | {"columns": [_meaning(asdict(column)) for column in v.columns]}
        for v in versions
    ]
    digest = hashlib.sha256(json.dumps(meaning, sort_keys=True, default=str).encode())
    references = {r for v in versions for r in v.references}
    for reference in sorted(references, key=lambda r: (r.seed, r.column)):
        path = seeds / f"{reference.seed}.csv"
        digest.update("\0".join(seed_values(path, reference.column)).encode())
        if reference.on:
            digest.update(repr(dated_values(path, reference.column)).encode())
    digest.update("\0".join(no_value_words()).encode())
    return digest.hexdigest()


def _meaning(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if name not in PROSE}


def no_value_words() -> tuple[str, ...]:
    """The words that stand for no value in a reference, a name or a list, as they are written.

    They are not a seed: dbt would read half of them as no value itself.
    """
    return seed_values(CONTRACTS_DIR / "no_value_words.csv", "word")


def seed_values(path: Path, column: str) -> tuple[str, ...]:
    """The distinct values of one column of a seed, read again where the file has changed."""
    return _seed_values(path, column, path.stat().st_mtime_ns)


@cache
def _seed_values(path: Path, column: str, changed_ns: int) -> tuple[str, ...]:
    with path.open(encoding="utf-8", newline="") as stream:
        return tuple(sorted({row[column] for row in csv.DictReader(stream)}))


def dated_values(path: Path, column: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """The values of one column of a seed by the first and last day on which they are valid; no last day while they are."""
    by_days: dict[tuple[str, str], set[str]] = {}
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            by_days.setdefault((row["valid_from"], row["valid_to"]), set()).add(row[column])
    return [(first, last, tuple(sorted(values))) for (first, last), values in sorted(by_days.items())]
