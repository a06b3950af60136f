"""What a reader sees in a text, as SQL: one grammar of a list, no invisible characters, no value where a word says so.

Applied once, to what is stored in raw: staging, facts and figures read one spelling. The delivered spelling stays in the
archive, and in quarantine where the row breaks a rule.
"""

from __future__ import annotations

from collections.abc import Sequence

from dagster_srp.contracts import Column
from dagster_srp.contracts.load import no_value_words
from dagster_srp.duck import literal

INVISIBLE = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
"""Soft hyphens, zero-width characters, marks of direction, byte order marks: the inside of a character class."""
BLANKS = "\u00a0\u2000-\u200a\u202f\u3000"
"""Spaces that are not the plain one."""


def seen(column: Column, text: str, allowed: Sequence[str] = ()) -> str:
    """The text of a column as a reader sees it; null where nothing is left.

    Published open data is taken as published, its lists apart: none of it names a person.
    """
    if column.separator:
        return _list(text, column, allowed)
    if column.sensitivity == "open" or column.logical_type != "string" or allowed:
        return text
    shown = _visible(text)
    return f"case when {_no_value(shown)} then null else {shown} end"


def _visible(text: str) -> str:
    """Only a text with more bytes than characters holds anything but ASCII, and pays for the patterns."""
    cleaned = f"regexp_replace({text}, '[{INVISIBLE}]', '', 'g')"
    spaced = f"trim(regexp_replace({cleaned}, '[{BLANKS}]', ' ', 'g'))"
    return f"case when strlen({text}) > length({text}) then nullif({spaced}, '') else {text} end"


def _no_value(text: str) -> str:
    """Words are compared as they are written: Null and None are names of people."""
    words = no_value_words()
    longest = max(len(word) for word in words)
    kind = f"enum({', '.join(literal(word) for word in words)})"
    return f"length({text}) <= {longest} and try_cast(trim({text}) as {kind}) is not null"


def _list(text: str, column: Column, allowed: Sequence[str]) -> str:
    """Entries without blanks around them, empty ones left out; those of a closed list in its spelling, sorted, each once."""
    entries = f"string_split({_visible(text)}, {literal(str(column.separator))})"
    entries = f"list_transform({entries}, lambda x: trim(x))"
    no_value = f"x = '' or ({_no_value('x')})"
    if allowed:
        spellings = ", ".join(f"{literal(value.lower())}: {literal(value)}" for value in allowed)
        entries = f"list_transform({entries}, lambda x: coalesce(map {{{spellings}}}[lower(x)], x))"
        no_value = f"({no_value}) and try_cast(x as enum({', '.join(literal(v) for v in allowed)})) is null"
    entries = f"list_filter({entries}, lambda x: not ({no_value}))"
    if allowed:
        entries = f"list_sort(list_distinct({entries}))"
    whole = f"nullif(array_to_string({entries}, {literal(str(column.separator))}), '')"
    return f"case when {text} is not null then {whole} end"
