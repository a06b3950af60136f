"""Reads bytes once and says what they are: hash, encoding, line ends, NULs. Nothing is loaded here."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from dagster_srp.landing.held import Held

CHUNK = 1 << 20
NUL_SIGN = "\u2400"
"""Stands for a NUL byte in text that is loaded: DuckDB cannot hold one, and a row that has it is quarantined."""
UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass
class TextFacts:
    """What one pass over a text's bytes found."""

    is_empty: bool = True
    is_utf8: bool = True
    utf16: str | None = None
    """The name of its UTF-16 encoding; its lines are counted once it is rewritten."""
    has_nul: bool = False
    line_feeds: int = 0
    carriage_returns: int = 0
    pairs: int = 0
    ends_with_line_feed: bool = False

    @property
    def line_count(self) -> int:
        """Physical lines, the last one counted whether or not it is ended."""
        return self.line_feeds + (0 if self.is_empty or self.ends_with_line_feed else 1)

    @property
    def has_one_line_end(self) -> bool:
        """Whether the lines all end the same way, in LF or in CRLF: the reader refuses a mixture."""
        return self.carriage_returns == 0 or self.carriage_returns == self.pairs == self.line_feeds


def examine(chunks: Iterable[bytes]) -> TextFacts:
    """One pass over the bytes."""
    facts = TextFacts()
    decoder = codecs.getincrementaldecoder("utf-8")()
    last = b""
    for chunk in chunks:
        if facts.is_empty:
            facts.is_empty = False
            facts.utf16 = _utf16(chunk)
            if facts.utf16:
                return facts
        facts.has_nul = facts.has_nul or b"\0" in chunk
        facts.line_feeds += chunk.count(b"\n")
        if b"\r" in chunk or last == b"\r":
            facts.carriage_returns += chunk.count(b"\r")
            facts.pairs += chunk.count(b"\r\n") + (last == b"\r" and chunk.startswith(b"\n"))
        if not chunk.isascii() or decoder.getstate()[0]:
            facts.is_utf8 = facts.is_utf8 and _decodes(decoder, chunk, final=False)
        last = chunk[-1:]
    facts.is_utf8 = facts.is_utf8 and _decodes(decoder, b"", final=True)
    facts.ends_with_line_feed = last == b"\n"
    return facts


def _utf16(head: bytes) -> str | None:
    """The UTF-16 encoding that a text begins in: by its mark, else by the place of the zero bytes of plain letters."""
    if head.startswith(UTF16_MARKS):
        return "utf-16"
    first = head[:400]
    if 3 * first.count(0) <= len(first):
        return None
    return "utf-16-le" if first[1::2].count(0) > first[0::2].count(0) else "utf-16-be"


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, final: bool) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def chunks_of(stream: IO[bytes]) -> Iterator[bytes]:
    """The stream in pieces of a mebibyte."""
    while chunk := stream.read(CHUNK):
        yield chunk


def rewrite_as_utf8(source: Path, target: Path, facts: TextFacts) -> None:
    """Copies a text as UTF-8 with `\\n` line ends, a sign for each NUL, no byte order mark; raises Held.

    Only the encoding and line ends change: the archive keeps the bytes as they came.
    """
    encoding = facts.utf16 or ("utf-8-sig" if facts.is_utf8 else "cp1252")
    try:
        with (
            source.open("r", encoding=encoding, newline=None) as reader,
            target.open("w", encoding="utf-8", newline="\n") as writer,
        ):
            while text := reader.read(CHUNK):
                writer.write(text.replace("\0", NUL_SIGN) if facts.has_nul or facts.utf16 else text)
    except UnicodeError as error:
        if facts.utf16:
            raise Held("The file is UTF-16 and damaged. Save it as UTF-8 and resend.") from error
        raise Held(
            f"Neither UTF-8 nor Windows-1252: line {_first_line_outside(source)} holds a byte that is in neither."
            " Save the file as UTF-8 and resend."
        ) from error


def _first_line_outside(source: Path) -> int:
    undefined = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
    with source.open("rb") as stream:
        return next(line for line, text in enumerate(stream, 1) if undefined.search(text))
