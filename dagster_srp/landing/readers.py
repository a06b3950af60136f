"""Opens a delivery of any format the contracts allow, as parts that landing can load set by set."""

from __future__ import annotations

import zipfile
from pathlib import Path

import duckdb

from dagster_srp.contracts import Contract
from dagster_srp.duck import file_literal, identifier, open_memory
from dagster_srp.landing.headers import HEAD_BYTES, find_header, match_names, told_of
from dagster_srp.landing.held import Held, without_header
from dagster_srp.landing.members import members_of
from dagster_srp.landing.packed import Limits, unpack_gzip, unpack_member, zip_members
from dagster_srp.landing.parts import Opened, ParquetPart, TextPart
from dagster_srp.landing.scan import chunks_of, examine, rewrite_as_utf8
from dagster_srp.landing.workbook import open_workbook

ENDINGS = ("csv.gz", "csv", "xlsx", "ods", "parquet", "zip")
MAGIC = {"csv.gz": b"\x1f\x8b", "xlsx": b"PK", "ods": b"PK", "zip": b"PK", "parquet": b"PAR1"}


def format_of(file_name: str) -> str | None:
    """The format that a file's name claims."""
    lower = file_name.lower()
    return next((ending for ending in ENDINGS if lower.endswith(f".{ending}")), None)


def open_delivery(path: Path, file_name: str, contract: Contract, work: Path, limits: Limits) -> Opened:
    """The parts of one delivery; raises Held where the file as a whole cannot be taken in."""
    file_format = format_of(file_name)
    if file_format not in contract.file_formats:
        raise Held(
            f"{file_name!r} is not in a format of the contract ({', '.join(contract.file_formats)})."
            " Save it as one of them and resend."
        )
    with path.open("rb") as stream:
        magic = stream.read(4)
    if file_format in MAGIC and not magic.startswith(MAGIC[file_format]):
        raise Held(f"{file_name!r} does not hold what its name says: it is not a {file_format} file.")
    match file_format:
        case "zip":
            return _open_zip(path, contract, work, limits)
        case "csv.gz":
            unpacked = work / "unpacked.csv"
            unpack_gzip(path, unpacked, limits)
            return _open_text(unpacked, contract, work, None)
        case "parquet":
            return _open_parquet(path, contract)
        case "xlsx" | "ods":
            zip_members(path, limits)
            return open_workbook(path, file_format, contract)
        case _:
            return _open_text(path, contract, work, None)


def _open_zip(path: Path, contract: Contract, work: Path, limits: Limits) -> Opened:
    members = {member.filename: member for member in zip_members(path, limits)}
    opened = Opened([], members=list(members))
    for number, name in enumerate(members_of(contract, members)):
        part = _open_member(path, members[name], number, contract, work, limits, opened.warnings)
        opened.parts.append(part)
    return opened


def _open_member(
    path: Path,
    member: zipfile.ZipInfo,
    number: int,
    contract: Contract,
    work: Path,
    limits: Limits,
    warnings: list[str],
) -> TextPart:
    unpacked = work / f"member_{number}.csv"
    unpack_member(path, member, unpacked, limits)
    try:
        (part,) = (one := _open_text(unpacked, contract, work, member.filename)).parts
    except Held as held:
        raise type(held)(*(f"{member.filename}: {reason}" for reason in held.reasons)) from held
    warnings.extend(f"{member.filename}: {warning}" for warning in one.warnings)
    if not isinstance(part, TextPart):
        raise TypeError("a member of a zip is always a text")
    return part


def _open_text(path: Path, contract: Contract, work: Path, member: str | None) -> Opened:
    with path.open("rb") as stream:
        facts = examine(chunks_of(stream))
    if facts.is_empty:
        raise Held(without_header(contract))
    warnings = [] if facts.is_utf8 else ["Read as Windows-1252: it is not UTF-8."]
    if facts.utf16:
        warnings.append("Read as UTF-16: the contract takes UTF-8 or Windows-1252.")
    if facts.carriage_returns > facts.pairs:
        warnings.append("It holds carriage returns that stand alone: each was read as the end of a line.")
    has_nul = facts.has_nul or facts.utf16 is not None
    if not facts.is_utf8 or facts.utf16 or facts.has_nul or not facts.has_one_line_end:
        rewritten = work / f"{path.name}.utf8.csv"
        rewrite_as_utf8(path, rewritten, facts)
        path = rewritten
        with path.open("rb") as stream:
            facts = examine(chunks_of(stream))
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES).decode("utf-8-sig", errors="ignore")
    header = find_header(head, contract)
    warnings += told_of(header.unknown)
    skipped = header.lines_before + header.lines
    row_lines = facts.line_count - skipped
    if skipped > 1:
        rows_only = work / f"{path.name}.rows.csv"
        _drop_lines(path, rows_only, skipped)
        path = rows_only
    part = TextPart(
        path=path,
        columns=header.columns,
        delimiter=header.delimiter,
        first_line=skipped + 1,
        has_header=skipped == 1,
        row_lines=row_lines,
        has_nul=has_nul,
        member=member,
    )
    return Opened([part], warnings)


def _drop_lines(source: Path, target: Path, count: int) -> None:
    """Copies all but the first lines: a preamble, or a header that runs over several lines."""
    with source.open("rb") as reader, target.open("wb") as writer:
        for _ in range(count):
            reader.readline()
        for chunk in chunks_of(reader):
            writer.write(chunk)


def _open_parquet(path: Path, contract: Contract) -> Opened:
    try:
        with open_memory() as connection:
            relation = connection.execute(f"describe select * from read_parquet({file_literal(path)})")
            types = {str(name): str(kind) for name, kind, *_ in relation.fetchall()}
    except duckdb.Error as error:
        first = str(error).splitlines()[0]
        raise Held(f"Not a readable Parquet file ({first}). Write it again and resend.") from error
    columns, unknown = match_names(list(types), contract)
    known = {ours: pair for ours, pair in zip(columns, types.items(), strict=True) if pair[0] not in unknown}
    zoned = [source for source, kind in known.values() if kind == "TIMESTAMP WITH TIME ZONE"]
    if zoned:
        raise Held(
            *(
                f"Column {name!r} has a time zone, and the contract's moments have none: send local time."
                for name in zoned
            )
        )
    return Opened(
        [ParquetPart(path, {ours: (identifier(source), kind) for ours, (source, kind) in known.items()})],
        told_of(unknown),
    )
