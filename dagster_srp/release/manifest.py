"""The manifest: what a release is made of, so that anyone can say from what, by whom and with which result."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from dagster_srp.building.documentation import TableDocumentation
from dagster_srp.landing.decisions import State
from dagster_srp.release.fingerprint import TableFingerprint

RELEASE_DOCUMENTATION = TableDocumentation(
    table="release",
    description="The manifest of this release as rows: what it was made from, by which code, with which result.",
    columns={
        "section": "`release`, `versions`, `dbt`, `gates`, `warning`, `table`, `delivery` with its state, or `decision` with what was decided.",
        "name": "What the row is about: a fact's name, a table, or a delivery's feed and file.",
        "value": "What the manifest says of it.",
    },
)


@dataclass(frozen=True)
class ManifestDelivery:
    """A delivery that the release was built from, or one that was held and so is not in it."""

    feed: str
    sha256: str
    file_name: str
    extracted_at: str
    state: str
    rows_read: int
    accepted: int
    quarantined: int


@dataclass(frozen=True)
class ManifestDecision:
    """What a person or a gate decided about a delivery, as the release obeyed it."""

    feed: str
    sha256: str
    file_name: str
    state: State
    by: str
    at: str
    because: list[str]


@dataclass(frozen=True)
class Manifest:
    """Everything a release says of itself. `made_at` is when it was made; nothing else in it reads the clock."""

    release_id: str
    made_at: str
    as_at: str | None
    known_at: str | None
    is_demo: bool
    build_fingerprint: str
    code_fingerprint: str
    definitions_fingerprint: str
    code_commit: str | None
    code_is_modified: bool
    versions: dict[str, str]
    dbt: dict[str, int]
    gates: dict[str, int]
    warnings: list[str]
    tables: list[TableFingerprint] = field(default_factory=list)
    deliveries: list[ManifestDelivery] = field(default_factory=list)
    decisions: list[ManifestDecision] = field(default_factory=list)

    def rows(self) -> list[tuple[str, str, str]]:
        """The manifest as (section, name, value), for the released table `release`."""
        plain = asdict(self)
        rows = [
            ("release", name, "" if value is None else str(value))
            for name, value in plain.items()
            if not isinstance(value, dict | list)
        ]
        for section in ("versions", "dbt", "gates"):
            rows += [(section, str(name), str(value)) for name, value in plain[section].items()]
        rows += [("warning", str(number), text) for number, text in enumerate(self.warnings, 1)]
        rows += [("table", t.table, f"{t.rows} rows, {t.content}") for t in self.tables]
        rows += [
            (
                f"delivery {d.state}",
                f"{d.feed}/{d.file_name}",
                f"{d.sha256}, {d.accepted} of {d.rows_read} rows accepted",
            )
            for d in self.deliveries
        ]
        rows += [
            (f"decision {d.state}", f"{d.feed}/{d.file_name}", f"{d.by} at {d.at}: {' '.join(d.because)}")
            for d in self.decisions
        ]
        return rows

    def write(self, path: Path) -> None:
        """Writes the manifest as JSON."""
        path.write_text(json.dumps(asdict(self), indent=1, sort_keys=True) + "\n", encoding="utf-8")


def read_manifest(path: Path) -> Manifest:
    """A manifest from its file."""
    plain = json.loads(path.read_text(encoding="utf-8"))
    plain["tables"] = [TableFingerprint(**t) for t in plain["tables"]]
    plain["deliveries"] = [ManifestDelivery(**d) for d in plain["deliveries"]]
    plain["decisions"] = [ManifestDecision(**d) for d in plain.get("decisions", [])]
    return Manifest(**plain)


def manifests(releases: Path) -> list[Manifest]:
    """Every release's manifest, oldest first; a pruned release keeps its own."""
    return [read_manifest(path) for path in sorted(releases.glob("r*/manifest.json"))]


def last_release(releases: Path) -> Manifest | None:
    """The manifest of the last release made, as-at ones aside: the one whose figures the next release's follow."""
    return next((m for m in reversed(manifests(releases)) if m.as_at is None), None)
