"""Changes files of the demo in every way that a file can go wrong, and lands them beside good ones.

`python -m tests.landing.fuzz --files 2000` says what became of them and exits with 1 where one broke a promise: landing
never raises, rows read are accepted or quarantined or the delivery is held, the good file lands, and a file takes at most
20 seconds. A number makes the same file always, so that one that failed is kept as a test by its number.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import duckdb

from dagster_srp.contracts import Contract, load_contracts
from dagster_srp.demo import write_demo
from dagster_srp.duck import Engine, open_file
from dagster_srp.landing import Delivery, land
from dagster_srp.landing.land import LandingSettings
from dagster_srp.landing.packed import Limits
from tests.landing.changes import Base, changed

FEEDS = ("marac_cases", "syp_incidents", "syp_crime_outcomes", "police_uk_street", "srp_events")
FORMATS = ("csv", "csv.gz", "zip", "xlsx", "ods", "parquet")
MOST_SECONDS = 20.0
MOST_KILOBYTES = 1_000_000
FILES_IN_A_HOME = 50
BESIDE_ONE_GOOD = 5


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What became of one changed file: its state, the promise that it broke, and how long it took."""

    number: int
    form: str
    change: str
    state: str
    broken: str
    seconds: float


def base_files(folder: Path) -> list[Base]:
    """A demo extract of each format, of a small demo."""
    write_demo(folder, scale=0.01, only=FEEDS[:-1])
    write_demo(folder, only=FEEDS[-1:])
    paths = sorted((p for p in folder.rglob("*") if p.is_file()), key=lambda p: (p.stat().st_size, p.name))
    bases = []
    for form in FORMATS:
        of_form = [p for p in paths if p.name.endswith(f".{form}")]
        chosen = of_form[len(of_form) * 3 // 4]
        bases.append(Base(chosen.parent.name, chosen.name, form, chosen.read_bytes()))
    return bases


def run(numbers: Iterable[int], bases: list[Base], folder: Path) -> Iterator[Outcome]:
    """Lands every changed file beside a good one, some in one home."""
    waiting = list(numbers)
    contracts = load_contracts()
    for at in range(0, len(waiting), FILES_IN_A_HOME):
        with tempfile.TemporaryDirectory(dir=folder) as home:
            yield from _in_one_home(waiting[at : at + FILES_IN_A_HOME], bases, contracts, Path(home))


def _in_one_home(
    numbers: list[int], bases: list[Base], contracts: dict[str, Contract], home: Path
) -> Iterator[Outcome]:
    used = {feed: contracts[feed] for feed in FEEDS}
    settings = LandingSettings(
        home / "inbox", home / "archive", 0.0, Limits(50_000_000, 200), takes_demo=True
    )
    good = next(base for base in bases if base.form == "csv")
    (home / "warehouse").mkdir()
    connection = open_file(home / "warehouse" / "landing.duckdb", Engine(2, "500MB"), read_only=False)
    with closing(connection):
        for at in range(0, len(numbers), BESIDE_ONE_GOOD):
            files = {number: changed(number, bases) for number in numbers[at : at + BESIDE_ONE_GOOD]}
            for number, (base, _, content) in files.items():
                _put(home, base.feed, f"{number}_{base.name}", content)
            _put(home, good.feed, f"good_{at}_{good.name}", good.content + b"\n" * (100 + at))
            yield from _land(files, connection, used, settings)


def _put(home: Path, feed: str, name: str, content: bytes) -> None:
    path = home / "inbox" / feed / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _land(
    files: dict[int, tuple[Base, str, bytes]],
    connection: duckdb.DuckDBPyConnection,
    contracts: dict[str, Contract],
    settings: LandingSettings,
) -> Iterator[Outcome]:
    """Lands some changed files and a good one; where landing raises, any of them may be why."""
    last, seconds = time.monotonic(), {}

    def timed(delivery: Delivery) -> None:
        nonlocal last
        seconds[delivery.delivery_no] = time.monotonic() - last
        last = time.monotonic()

    try:
        landed = land(connection, contracts, settings, on_delivery=timed)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        said = f"landing raised {type(error).__name__}: {error}"
        for number, (base, change, _) in files.items():
            yield Outcome(number, base.form, change, "raised", said, time.monotonic() - last)
        return
    (good,) = [d for d in landed.deliveries if d.file_name.startswith("good_")]
    for number, (base, change, _) in files.items():
        ours = [d for d in landed.deliveries if d.file_name.startswith(f"{number}_") and d.feed == base.feed]
        if not ours and any(f"/{number}_" in repeat for repeat in landed.repeats):
            yield Outcome(number, base.form, change, "repeat", "", 0.0)
            continue
        (delivery,) = ours
        broken = _broken(connection, delivery) or ("" if good.state == "accepted" else "the good one is held")
        took = seconds[delivery.delivery_no]
        broken = broken or ("it took too long" if took > MOST_SECONDS else "")
        yield Outcome(number, base.form, change, delivery.state, broken, took)


def _broken(connection: duckdb.DuckDBPyConnection, delivery: Delivery) -> str:
    """The promise that the tables break."""
    raw, quarantined = (
        connection.execute(
            f"select count(*) from {schema}.{delivery.feed} where _delivery_no = ?", [delivery.delivery_no]
        ).fetchall()[0][0]
        for schema in ("raw", "quarantine")
    )
    if delivery.state == "held":
        if any("fault of the warehouse" in reason for reason in delivery.reasons):
            return f"held by a fault: {delivery.reasons[0]}"
        return "" if delivery.reasons and raw == 0 else "held, and its rows are in raw"
    if delivery.rows_read != delivery.accepted + delivery.quarantined:
        return "rows read are not those accepted and quarantined"
    return "" if (raw, quarantined) == (delivery.accepted, delivery.quarantined) else "rows were lost"


def _peak_kilobytes() -> int:
    """The most memory that this process has had. What `resource` gives is begun from the parent's, which may be more."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")))


def main(words: list[str] | None = None) -> int:
    """The command: prints what was found."""
    parser = argparse.ArgumentParser(description="Land changed files of the demo, each beside a good one.")
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0, help="the number of the first file")
    asked = parser.parse_args(words)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        bases = base_files(Path(folder) / "demo")
        numbers = range(asked.first, asked.first + asked.files)
        outcomes = list(run(numbers, bases, Path(folder)))
    states = Counter((o.form, o.state) for o in outcomes)
    print(", ".join(f"{form} {state} {count}" for (form, state), count in sorted(states.items())))
    slowest = max(outcomes, key=lambda o: o.seconds)
    peak = _peak_kilobytes()
    print(
        f"{len(outcomes):,} files in {time.monotonic() - begun:.0f} s; slowest {slowest.seconds:.1f} s"
        f" (file {slowest.number}, {slowest.change}); at most {peak / 1024:,.0f} MB"
    )
    broken = [o for o in outcomes if o.broken]
    for o in broken:
        print(f"file {o.number} ({o.form}, {o.change}): {o.broken}")
    return 1 if broken or peak > MOST_KILOBYTES else 0


if __name__ == "__main__":
    sys.exit(main())
