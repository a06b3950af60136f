"""Conservation and independence of the order of arrival, for whatever Hypothesis thinks of."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Sequence
from pathlib import Path

from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from dagster_srp.contracts import Contract

from .room import Room, crime, text

# Each example opens DuckDB files: what Hypothesis finds is told as found, for to shrink it takes minutes.
SLOW = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
HEADER = text([]).strip()


def _row(number: int, address: str = "1 High Street", dwelling: str = "Y") -> str:
    return line_of(crime(number, **{"Complainant Address": address, "Dwelling": dwelling}))


def line_of(row: dict[str, str]) -> str:
    return text([row]).split("\n", 1)[1].removesuffix("\n")


good = st.integers(1, 900).map(_row)
tall = st.integers(1, 900).map(lambda n: _row(n, "Flat 1\n\nHigh Street\n"))
broken = st.integers(1, 900).map(lambda n: _row(n, dwelling="?"))
tall_and_broken = st.integers(1, 900).map(lambda n: _row(n, "a\nb", "?"))
short = st.integers(1, 900).map(lambda n: f"SYP/24/{n:06d},14/06/2024")
long = st.integers(1, 900).map(lambda n: _row(n) + ',x,"y\nz"')
bad_quote = st.integers(1, 900).map(lambda n: _row(n, "Q").replace("Q", 'a"b"c'))
closed_early = st.integers(1, 900).map(lambda n: _row(n, "Q").replace("Q", '"a"b'))
unclosed = st.integers(1, 900).map(lambda n: _row(n, "Q").replace("Q", '"open'))
noise = st.text(st.sampled_from('ab,"; \t='), max_size=12)
pieces = st.lists(
    st.one_of(
        good,
        good,
        good,
        tall,
        broken,
        tall_and_broken,
        short,
        long,
        bad_quote,
        closed_early,
        noise,
        st.just(""),
    ),
    max_size=12,
)
ends = st.sampled_from(["\n", "\r\n"])


def _lenient(contracts: dict[str, Contract]) -> dict[str, Contract]:
    """Whatever the share of broken rows, it goes on: so that rows can be counted."""
    return {"syp_crimes": dataclasses.replace(contracts["syp_crimes"], quarantine_threshold=1.0)}


@SLOW
@given(body=pieces, end=ends, last=st.sampled_from(["", "\n"]), spoiled=st.one_of(st.none(), unclosed))
@example(body=["", "", "SYP/24/000001,14/06/2024", "", _row(1, "a\nb")], end="\r\n", last="", spoiled=None)
def test_every_line_is_accepted_quarantined_or_blank(
    contracts: dict[str, Contract], body: list[str], end: str, last: str, spoiled: str | None
) -> None:
    content = "\n".join([HEADER, *body, *([spoiled] if spoiled else [])]) + last
    with tempfile.TemporaryDirectory() as folder:
        room = Room(Path(folder), _lenient(contracts))
        delivery = room.land_one(content.replace("\n", end).encode())
        assert delivery.rows_read == delivery.accepted + delivery.quarantined
        raw = room.raw("_line, crime_ref, complainant_address")
        quarantine = room.quarantine()
    if delivery.state == "held":
        assert delivery.reasons and raw == []
        return
    assert (len(raw), len(quarantine)) == (delivery.accepted, delivery.quarantined)
    lines = content.split("\n")
    covered = [at + n for at, _, address in raw for n in range(1 + (address or "").count("\n"))]
    covered += [at + n for at, row, _ in quarantine for n in range(1 + row.count("\n"))]
    blank = [
        n for n, written in enumerate(lines, 1) if n > 1 and not written.strip(", \t") and n not in covered
    ]
    assert sorted(covered + blank) == list(range(2, len(lines) + 1))
    assert all(reference in lines[at - 1] for at, reference, _ in raw)
    unquoted = [
        lines[at - 1].replace('"', "")[:12] == row.replace('"', "").split("\n")[0][:12]
        for at, row, _ in quarantine
    ]
    assert all(unquoted)


def _deliveries() -> list[tuple[str, str]]:
    return [
        ("a_2024-04-30.csv", text([crime(1), crime(2)])),
        ("b_2024-05-31.csv", text([crime(2, Dwelling="N"), crime(3)])),
        ("c_2024-05-31.csv", text([crime(3, Dwelling="N"), crime(3)])),
        ("d_2024-06-30.csv", text([crime(4), crime(5, **{"HO Offence Code": "?"})])),
        ("e_2024-06-30.csv", "not,the,header\n"),
    ]


@settings(SLOW, max_examples=8)
@given(order=st.permutations(range(5)), together=st.sets(st.integers(0, 4)))
def test_the_order_of_arrival_does_not_matter(
    contracts: dict[str, Contract], order: Sequence[int], together: set[int]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        at_once, one_by_one = (
            Room(Path(folder) / name, _lenient(contracts)) for name in ("at_once", "one_by_one")
        )
        for name, content in _deliveries():
            at_once.put(content, name)
        at_once.land()
        for number in order:
            name, content = _deliveries()[number]
            one_by_one.put(content, name)
            if number not in together:
                one_by_one.land()
        one_by_one.land()
        assert one_by_one.everything() == at_once.everything()
