"""From candidate to current release: copy, complete, switch. A reader sees the old release or the new, never less."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from dagster_srp.building.documentation import TableDocumentation
from dagster_srp.duck import Engine, open_file
from dagster_srp.errors import StaleLog
from dagster_srp.home import Home
from dagster_srp.release.comments import write_comments
from dagster_srp.release.counting import write_counting
from dagster_srp.release.fingerprint import TableFingerprint, fingerprints
from dagster_srp.release.manifest import RELEASE_DOCUMENTATION, Manifest
from dagster_srp.release.vintages import (
    RELEASED_FILE,
    REVISIONS_FILE,
    VINTAGES_DOCUMENTATION,
    write_values,
    write_vintages,
)


def next_release_id(home: Home) -> str:
    """The next number; numbers are never used again, though a release's file may have been pruned."""
    taken = [int(path.name[1:]) for path in home.releases.glob("r[0-9]*") if path.name[1:].isdigit()]
    return f"r{max(taken, default=0) + 1:04d}"


def current_release_id(home: Home) -> str | None:
    """The release that readers see, or None before the first."""
    return home.released.readlink().name if home.released.is_symlink() else None


def publish(
    home: Home,
    candidate: Path,
    manifest: Manifest,
    *,
    engine: Engine,
    switch: bool,
    documentation: Sequence[TableDocumentation] = (),
    revisions: Path | None = None,
    counting: Mapping[str, str] | None = None,
) -> Manifest:
    """Makes the release's folder from the candidate, and with `switch` makes it current.

    Gives the manifest that it wrote: the given one with the fingerprints of the candidate's tables. The folder appears
    under its own name only when it is whole, and the link is replaced in one step: a kill at any moment leaves the
    current release as it was. `documentation` becomes the comments of the released tables; `revisions` says why figures
    moved since the release before, and `counting` holds the compiled queries that explain them.
    """
    _assert_no_log(candidate)
    target = home.releases / manifest.release_id
    making = home.releases / f".making_{manifest.release_id}"
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    # Fingerprints keep both cores busy for most of a release; what waits for the disk is done beside them.
    with ThreadPoolExecutor(1) as beside:
        tables = beside.submit(_tables_of, candidate, engine)
        shutil.copyfile(candidate, making / RELEASED_FILE)
        if revisions is not None:
            shutil.copyfile(revisions, making / REVISIONS_FILE)
        write_counting(counting or {}, making)
        manifest = _complete(home, making, manifest, tables, documentation, engine)
    manifest.write(making / "manifest.json")
    for path in making.iterdir():
        _flush(path)
        home.access.let_read(path, is_final=True)
    home.access.let_read(making)
    making.rename(target)
    _flush(home.releases)
    if switch:
        _switch(home, target)
    return manifest


def prune(home: Home, keep: int) -> list[str]:
    """Deletes the data of all but the last `keep` releases and the current one; manifests and values stay.

    What a release said remains (its manifest, and its indicator values for the vintages); the rest can be rebuilt.
    """
    whole = sorted(path.parent for path in home.releases.glob(f"r*/{RELEASED_FILE}"))
    current = current_release_id(home)
    pruned = [folder for folder in whole[: max(0, len(whole) - keep)] if folder.name != current]
    for folder in pruned:
        (folder / RELEASED_FILE).unlink()
    return [folder.name for folder in pruned]


def _tables_of(candidate: Path, engine: Engine) -> list[TableFingerprint]:
    with open_file(candidate, engine) as connection:
        return fingerprints(connection)


def _complete(
    home: Home,
    making: Path,
    manifest: Manifest,
    tables: Future[list[TableFingerprint]],
    documentation: Sequence[TableDocumentation],
    engine: Engine,
) -> Manifest:
    """Adds what a release says of those before it, and of itself; gives its whole manifest."""
    file = making / RELEASED_FILE
    with open_file(file, engine, read_only=False) as connection:
        write_values(connection, making)
        write_vintages(connection, home.releases, manifest, making)
        whole = replace(manifest, tables=tables.result())
        sections, names, values = zip(*whole.rows(), strict=True)
        connection.execute(
            "create or replace table marts.release (section varchar, name varchar, value varchar)"
        )
        connection.execute(
            "insert into marts.release select unnest(?::varchar[]), unnest(?::varchar[]), unnest(?::varchar[])",
            [list(sections), list(names), list(values)],
        )
        write_comments(connection, [*documentation, VINTAGES_DOCUMENTATION, RELEASE_DOCUMENTATION])
        connection.execute("checkpoint")
    _assert_no_log(file)
    return whole


def _switch(home: Home, target: Path) -> None:
    link = home.root / ".released_next"
    link.unlink(missing_ok=True)
    link.symlink_to(Path("releases") / target.name)
    link.replace(home.released)
    _flush(home.root)


def _assert_no_log(file: Path) -> None:
    log = file.with_name(file.name + ".wal")
    if log.exists():
        raise StaleLog(
            f"{log} lies beside a file to be released.",
            f"Run `srp refresh` again; if the log stays, delete {file}.",
        )


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
