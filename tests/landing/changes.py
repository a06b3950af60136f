"""The ways in which a file goes wrong: in its bytes, its members, a workbook's XML, its header, its rows and its width."""

from __future__ import annotations

import dataclasses
import gzip
import io
import random
import re
import zipfile
from collections.abc import Callable

import pyarrow as pa
import pyarrow.parquet as pq

Chance = random.Random

ODD = [
    *("", " ", '"', '""', "\n", "\r", "\r\n", "\0", ",", ";", "\t", "=cmd()", "@SUM(A1)", "NULL", "N/A", "-"),
    *(
        "\u200b",
        "\ufeff",
        "\u00a0",
        "Łukasz",
        "Олена",
        "\U0001f600",
        "\ud7ff",
        "x" * 5_000,
        "'; drop table raw",
    ),
    *(
        "31/02/2024",
        "00/00/0000",
        "2024-13-45",
        "9" * 40,
        "-1",
        "1e400",
        "nan",
        "inf",
        "0x10",
        "1_000",
        "[[{*?",
    ),
]
NAMES = [
    "../x.csv",
    "/x.csv",
    "a\\b.csv",
    "C:\\x.csv",
    "x\0y.csv",
    "",
    "n" * 300,
    "\u00e9.csv",
    "x.zip",
    "con.csv",
]


@dataclasses.dataclass(frozen=True)
class Base:
    """A good file before it is changed."""

    feed: str
    name: str
    form: str
    content: bytes


def changed(number: int, bases: list[Base]) -> tuple[Base, str, bytes]:
    """File `number`: the base that it was made of, the name of its change, and its bytes."""
    chance = random.Random(number)
    base = bases[number % len(bases)]
    kinds = KINDS[base.form]
    kind = chance.choice(kinds)
    content = kind(base.content, chance)
    return base, kind.__name__.strip("_"), content if content != base.content else content + b"\n"


def _bytes(content: bytes, chance: Chance) -> bytes:
    data = bytearray(content)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data) + 1)
        length = chance.choice((1, 2, 8, 200))
        match chance.randrange(6):
            case 0:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del data[at : at + length]
            case 2:
                data[at:at] = chance.randbytes(length)
            case 3:
                data[at:at] = data[at : at + length]
            case 4:
                data[at : at + length] = bytes(len(data[at : at + length]))
            case _ if chance.random() < 0.3:
                del data[at:]
    return bytes(data)


def _directory(content: bytes, chance: Chance) -> bytes:
    """The last 22 bytes of a zip, and its directory, hold offsets and counts."""
    data = bytearray(content)
    places = [m.start() for m in re.finditer(rb"PK\x01\x02|PK\x05\x06", content)] or [0]
    for _ in range(chance.randint(1, 3)):
        at = chance.choice(places) + chance.randrange(4, 46)
        if at < len(data):
            data[at] = chance.choice((0, 1, 0x7F, 0x80, 0xFF))
    return bytes(data)


def _members(content: bytes, chance: Chance) -> bytes:
    members = _unpacked(content)
    at = chance.randrange(len(members))
    name, data = members[at]
    match chance.randrange(7):
        case 0:
            del members[at]
        case 1:
            members.append((name, data))
        case 2:
            members[at] = (chance.choice(NAMES), data)
        case 3:
            members[at] = (name, b"")
        case 4:
            members.append(("more/" + chance.choice(NAMES), data))
        case 5:
            members[at] = (name.replace("/", "\\"), data)
        case _:
            other = chance.randrange(len(members))
            members[at], members[other] = (name, members[other][1]), (members[other][0], data)
    return _packed(members, chance)


def _xml(content: bytes, chance: Chance) -> bytes:
    """A workbook whose sheet says something else."""
    members = _unpacked(content)
    sheets = [i for i, (name, _) in enumerate(members) if name.endswith(".xml")]
    at = chance.choice(sheets)
    name, data = members[at]
    swaps: list[tuple[bytes, bytes]] = [
        (rb'<dimension ref="[^"]*"', b'<dimension ref="A0:C5"'),
        (rb'<dimension ref="[^"]*"', b'<dimension ref="A1:XFD1048576"'),
        (rb'r="[A-Z]+\d+"', b'r="A0"'),
        (rb'r="[A-Z]+\d+"', b'r="XFD1048576"'),
        (rb"<v>[^<]*</v>", b"<v>99999999999</v>"),
        (rb"<v>[^<]*</v>", b"<v>nan</v>"),
        (rb't="[a-zA-Z]+"', b't="s"'),
        (rb't="[a-zA-Z]+"', b't="d"'),
        (rb"<table:table-cell", b'<table:table-cell table:number-columns-repeated="100000"'),
        (rb"<table:table-row", b'<table:table-row table:number-rows-repeated="1000000"'),
        (rb'office:date-value="[^"]*"', b'office:date-value="0000-99-99"'),
        (rb"</", b"<"),
        (rb"<[a-z:-]+", b"<"),
        (rb'"[^"]*"', b'"&x;"'),
    ]
    pattern, new = chance.choice(swaps)
    found = list(re.finditer(pattern, data))
    if found:
        hit = chance.choice(found)
        data = data[: hit.start()] + new + data[hit.end() :]
    members[at] = (name, data if found else _bytes(data, chance))
    return _packed(members, chance)


def _header(content: bytes, chance: Chance) -> bytes:
    first, _, rest = content.partition(b"\n")
    names = first.decode().rstrip("\r").split(",")
    at = chance.randrange(len(names))
    match chance.randrange(8):
        case 0:
            del names[at]
        case 1:
            names.insert(at, names[at])
        case 2:
            names[at] = chance.choice(ODD)
        case 3:
            chance.shuffle(names)
        case 4:
            names[at] = names[at].upper()
        case 5:
            names = ["title", *names]
        case 6:
            return content.decode().encode(
                chance.choice(("utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-7"))
            )
        case _:
            return chance.choice((b"", b"\n" * 5, b"title\n\n")) + (
                content if chance.random() < 0.8 else rest
            )
    return ",".join(names).encode("utf-8", "surrogatepass") + b"\n" + rest


def _rows(content: bytes, chance: Chance) -> bytes:
    lines = content.decode("utf-8", errors="replace").split("\n")
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(lines))
        match chance.randrange(8):
            case 0:
                lines.insert(at, lines[at])
            case 1:
                del lines[at]
                lines = lines or [""]
            case 2:
                lines.insert(at, chance.choice(("", ",", "," * lines[0].count(","), "ragged,line", '"open')))
            case 3:
                lines[at] += chance.choice(("\r", ",", ",x", '"', "\0"))
            case _:
                cells = lines[at].split(",")
                cells[chance.randrange(len(cells))] = chance.choice(ODD)
                lines[at] = ",".join(cells)
    return chance.choice(("\n", "\n", "\r\n", "\r")).join(lines).encode("utf-8", "surrogatepass")


def _width(content: bytes, chance: Chance) -> bytes:
    first, *lines = content.decode().rstrip("\n").split("\n")
    count = chance.choice((1, 30, 400, 990, 1_500))
    blank = chance.random() < 0.5
    header = "," * count if blank else "".join(f",More {n}" for n in range(count))
    cells = "," * count if chance.random() < 0.7 else ",x" * count
    ends = [cells if chance.random() < 0.95 else "" for _ in lines]
    joined = "\n".join([first + header, *(line + end for line, end in zip(lines, ends, strict=True))])
    return joined.replace(",", chance.choice((",", ",", ";", "\t"))).encode()


def _columns(content: bytes, chance: Chance) -> bytes:
    """A Parquet file with other columns, or columns of other types."""
    table = pq.read_table(io.BytesIO(content))
    name = chance.choice(table.column_names)
    at = table.column_names.index(name)
    size = table.num_rows
    match chance.randrange(5):
        case 0:
            table = table.drop_columns([name])
        case 1:
            table = table.append_column(name, table.column(name))
        case 2:
            others = (
                pa.int64(),
                pa.float64(),
                pa.bool_(),
                pa.date32(),
                pa.timestamp("us", "UTC"),
                pa.binary(),
            )
            values = pa.nulls(size, chance.choice(others))
            table = table.set_column(at, name, values)
        case 3:
            odd = pa.array([chance.choice(ODD).encode("utf-8", "replace").decode() for _ in range(size)])
            table = table.set_column(at, name, odd)
        case _:
            nested = pa.array([[{"a": 1}]] * size)
            table = table.set_column(at, name, nested)
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def _inside(kind: Callable[[bytes, Chance], bytes]) -> Callable[[bytes, Chance], bytes]:
    """The change of a text, inside what packs it."""

    def inside(content: bytes, chance: Chance) -> bytes:
        if content.startswith(b"\x1f\x8b"):
            return gzip.compress(kind(gzip.decompress(content), chance), compresslevel=1)
        members = _unpacked(content)
        at = chance.randrange(len(members))
        members[at] = (members[at][0], kind(members[at][1], chance))
        return _packed(members, chance)

    inside.__name__ = kind.__name__
    return inside


def _unpacked(content: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


def _packed(members: list[tuple[str, bytes]], chance: Chance) -> bytes:
    method = chance.choice(
        (zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_BZIP2)
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members:
            archive.writestr(name or "_", data)
    return out.getvalue()


TEXTS = [_bytes, _header, _rows, _rows, _width]
KINDS: dict[str, list[Callable[[bytes, Chance], bytes]]] = {
    "csv": TEXTS,
    "csv.gz": [_bytes, *(_inside(kind) for kind in TEXTS)],
    "zip": [_bytes, _directory, _members, *(_inside(kind) for kind in TEXTS)],
    "xlsx": [_bytes, _directory, _members, _xml, _xml],
    "ods": [_bytes, _directory, _members, _xml, _xml],
    "parquet": [_bytes, _columns],
}
