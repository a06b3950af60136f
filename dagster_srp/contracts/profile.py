"""What a column of sample files looks like: its type and format, its values, how much of it is empty, whether it is personal."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from dagster_srp.contracts.sample import Sample, all_match, texts
from dagster_srp.duck import identifier, literal, row_of, value_of

DATES = (
    "%d/%m/%Y",
    "%Y-%m-%d",
    "%m/%d/%Y",
    "%d-%m-%Y",
    "%d.%m.%Y",
    "%d-%b-%Y",
    "%d %B %Y",
    "%Y%m%d",
    "%Y-%m",
)
TIMES = ("%H:%M", "%H:%M:%S")
MOMENTS = tuple(
    f"{date}{between}{time}"
    for date in ("%d/%m/%Y", "%Y-%m-%d", "%m/%d/%Y", "%d-%m-%Y", "%d-%b-%Y")
    for between in (" ", "T")
    for time in TIMES
)
BOOLEANS = (
    ("Y", "N"),
    ("Yes", "No"),
    ("YES", "NO"),
    ("yes", "no"),
    ("TRUE", "FALSE"),
    ("True", "False"),
    ("true", "false"),
)
SEPARATORS = (";", "|")
WHOLE, NUMBER = r"[+-]?(0|[1-9]\d*)", r"[+-]?\d+(\.\d+)?"
THOUSANDS = r"[+-]?\d{1,3}(,\d{3})*"
# More values than these are rather names than codes; fewer rows for each say nothing of what else may come.
MOST_VALUES, LEAST_ROWS_A_VALUE = 40, 5
MOST_DISTINCT_READ = 20_000
PERSONAL_HEADER = re.compile(
    r"forename|surname|first.?name|last.?name|full.?name|\bname\b|birth|\bdob\b|address|post.?code|phone|mobile|e.?mail|\bnhs\b"
    r"|commentary|evidence|narrative|comment|notes|assessor|officer|\blead\b"
    r"|(complainant|caller|victim|person|child|suspect|perpetrator|offender|client|patient|defendant)s? ?(ref|id|number|no)",
    re.IGNORECASE,
)
PLACE_HEADER = re.compile(
    r"lsoa|msoa|ltla|\blad|ward|csp|pfa|area|district|force|region|organisation|school", re.IGNORECASE
)
"""Whose name a header speaks of where it is no person's."""
PERSONAL_SHAPES = (r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}", r"[^@\s]+@[^@\s]+\.[^@\s]+", r"(\+44|0)[\d ]{9,12}")
MOST_UNREAD = 0.02
"""The share of a column of days that may hold none: people write 31/02, and a column of texts has more."""
FREE_TEXT = 60
"""Characters of an average text above which it is taken for words about somebody."""
REFERENCE = re.compile(r"\b(ref|reference|id|number|no|code|key)s?\b", re.IGNORECASE)


@dataclass(frozen=True)
class Profile:
    """One column: counts over all sample rows, and what its texts have in common."""

    name: str
    header: str
    rows: int
    filled: int
    distinct: int
    kind: str = "string"
    physical: str = "VARCHAR"
    format: str | None = None
    true_false: tuple[str, str] | None = None
    separator: str | None = None
    thousands: str | None = None
    values: tuple[str, ...] = ()
    pattern: str | None = None
    is_personal: bool = False
    questions: tuple[str, ...] = ()

    @property
    def empty_share(self) -> float:
        """The share of rows in which it is empty, 0 to 1."""
        return round(1 - self.filled / self.rows, 3) if self.rows else 1.0

    @property
    def is_reference(self) -> bool:
        """Whether its header speaks of a reference."""
        return bool(REFERENCE.search(self.header.replace("_", " ")))


def profile(sample: Sample, name: str) -> Profile:
    """What the sample shows of one column."""
    header = sample.headers[name]
    rows, filled, distinct = row_of(
        sample.connection,
        f"select count(*), count({identifier(name)}), count(distinct {identifier(name)}) from sample",
    )
    plain = Profile(name, header, rows, filled, distinct)
    if not filled:
        return replace(plain, questions=(f"{header}: it is always empty in the sample. What will it hold?",))
    plain = replace(plain, is_personal=_is_personal(sample, plain))
    for find in (_boolean, _moment, _number, _list, _values, _shape):
        if found := find(sample, plain):
            return found
    return plain


def _is_personal(sample: Sample, column: Profile) -> bool:
    header = column.header.replace("_", " ")
    if PERSONAL_HEADER.search(header) and not PLACE_HEADER.search(header):
        return True
    length = value_of(sample.connection, f"select avg(length(v)) from {texts(sample, column.name)}")
    return length > FREE_TEXT or any(all_match(sample, column.name, shape) for shape in PERSONAL_SHAPES)


def _distinct(sample: Sample, column: Profile) -> list[str]:
    rows = sample.connection.execute(
        f"select distinct v from {texts(sample, column.name)} order by v limit {MOST_DISTINCT_READ}"
    ).fetchall()
    return [text for (text,) in rows]


def _boolean(sample: Sample, column: Profile) -> Profile | None:
    if column.distinct > 2:
        return None
    found = set(_distinct(sample, column))
    for pair in BOOLEANS:
        if found <= set(pair):
            asked = (
                ()
                if len(found) == 2
                else (f"{column.header}: only one of {pair[0]} and {pair[1]} was seen. Is the other sent?",)
            )
            return replace(column, kind="boolean", physical="BOOLEAN", true_false=pair, questions=asked)
    return None


def _moment(sample: Sample, column: Profile) -> Profile | None:
    unread = {form: _unread(sample, column, form) for form in (*DATES, *MOMENTS)}
    best = min(unread, key=lambda form: unread[form])
    if unread[best] > MOST_UNREAD * column.filled:
        return None
    fitting = [form for form, count in unread.items() if count == unread[best]]
    asked: list[str] = []
    if any(form.startswith("%d/") for form in fitting) and any(form.startswith("%m/") for form in fitting):
        asked.append(f"{column.header}: no day above 12 was seen. Is the day or the month first?")
    if unread[best]:
        asked.append(
            f"{column.header}: {unread[best]:,} of {column.filled:,} are no days written {best}. Are they errors?"
        )
    is_moment = "%H" in best
    return replace(
        column,
        kind="timestamp" if is_moment else "date",
        physical="TIMESTAMP" if is_moment else "DATE",
        format=best,
        questions=tuple(asked),
    )


def _unread(sample: Sample, column: Profile, form: str) -> int:
    """How many texts hold no day of this format."""
    # A day of a workbook is a day whatever its format, and no moment; a year of two digits is no year.
    typed = "try_cast(v as timestamp)"
    fits = "true" if "%H" in form else f"{typed}::time = time '00:00'"
    parsed = f"coalesce(try_strptime(v, {literal(form)}), case when is_typed and {fits} then {typed} end)"
    read = f"coalesce(year({parsed}) between 1900 and 2100, false)"
    return int(
        value_of(sample.connection, f"select count(*) filter (not {read}) from {texts(sample, column.name)}")
    )


def _number(sample: Sample, column: Profile) -> Profile | None:
    if column.is_personal or (column.is_reference and column.distinct > column.filled / 2):
        return None
    if all_match(sample, column.name, WHOLE):
        longest = value_of(sample.connection, f"select max(length(v)) from {texts(sample, column.name)}")
        return replace(column, kind="integer", physical="INTEGER" if longest < 10 else "BIGINT")
    if all_match(sample, column.name, NUMBER) and not all_match(sample, column.name, r"\d+"):
        return replace(column, kind="number", physical="DOUBLE")
    if all_match(sample, column.name, THOUSANDS):
        return replace(column, kind="integer", physical="INTEGER", thousands=",")
    return None


def _list(sample: Sample, column: Profile) -> Profile | None:
    for separator in SEPARATORS:
        found = [text for text in _distinct(sample, column) if separator in text]
        if not found:
            continue
        items = sorted(
            {item.strip() for text in _distinct(sample, column) for item in text.split(separator)} - {""}
        )
        is_coded = len(items) <= MOST_VALUES and not column.is_personal
        return replace(column, separator=separator, values=tuple(items) if is_coded else ())
    return None


def _values(sample: Sample, column: Profile) -> Profile | None:
    if (
        column.is_personal
        or column.distinct > MOST_VALUES
        or column.filled < LEAST_ROWS_A_VALUE * column.distinct
    ):
        return None
    values = tuple(_distinct(sample, column))
    return replace(
        column,
        values=values,
        questions=(f"{column.header}: are these {len(values)} values all that may come?",),
    )


def _shape(sample: Sample, column: Profile) -> Profile | None:
    runs = [re.findall(r"\d+|[A-Z]+|[a-z]+|[^A-Za-z\d]", text) for text in _distinct(sample, column)]
    kinds = {tuple(_kind(run) for run in text) for text in runs}
    if len(kinds) != 1 or column.distinct < LEAST_ROWS_A_VALUE or r"\d" not in (only := next(iter(kinds))):
        return None
    parts = []
    for kind, found in zip(only, zip(*runs, strict=True), strict=True):
        lengths = {len(run) for run in found}
        if len(set(found)) == 1 and kind != r"\d":
            parts.append(re.escape(found[0]).replace(r"\-", "-"))
        elif lengths == {1}:
            parts.append(kind)
        else:
            parts.append(
                f"{kind}{{{min(lengths)}}}"
                if len(lengths) == 1
                else f"{kind}{{{min(lengths)},{max(lengths)}}}"
            )
    asked = (f"{column.header}: is every one of the form {''.join(parts)}, also in other years?",)
    return replace(column, pattern=f"^{''.join(parts)}$", questions=asked)


def _kind(run: str) -> str:
    if run.isdigit():
        return r"\d"
    if run.isalpha() and run.isascii():
        return "[A-Z]" if run.isupper() else "[a-z]"
    return re.escape(run)
