"""What `write_demo` promises of its files: the same bytes, every feed, the contracts' headers, honest mistakes."""

from __future__ import annotations

import csv
import hashlib
import io
import subprocess
import sys
import zipfile
from pathlib import Path

import duckdb
import pytest
from reading import read_file

from dagster_srp.contracts import load_contracts
from dagster_srp.demo import WrittenExtract, write_demo

CONTRACTS = load_contracts()


def _digests(inbox: Path) -> dict[str, str]:
    files = (path for path in inbox.rglob("*") if path.is_file())
    return {str(path.relative_to(inbox)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_same_arguments_give_the_same_bytes(
    small: tuple[Path, list[WrittenExtract]], tmp_path: Path
) -> None:
    inbox, _ = small
    code = f"from pathlib import Path; from dagster_srp.demo import write_demo; write_demo(Path({str(tmp_path)!r}), scale=0.02)"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert _digests(tmp_path) == _digests(inbox)


def test_another_seed_gives_other_people(small: tuple[Path, list[WrittenExtract]], tmp_path: Path) -> None:
    inbox, _ = small
    write_demo(tmp_path, scale=0.02, seed=7, only=["syp_incidents"])
    assert _digests(tmp_path).items().isdisjoint(_digests(inbox).items())


def test_some_feeds_alone_are_the_same_as_among_all(
    small: tuple[Path, list[WrittenExtract]], tmp_path: Path
) -> None:
    inbox, _ = small
    only = ["syp_crime_outcomes", "marac_cases", "police_uk_street"]
    written = write_demo(tmp_path, scale=0.02, only=only)
    assert {one.feed for one in written} == set(only)
    assert _digests(tmp_path).items() <= _digests(inbox).items()


def test_a_feed_that_there_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no such feed: syp_weather"):
        write_demo(tmp_path, only=["syp_weather"])
    assert not any(tmp_path.iterdir())


def test_a_scale_at_which_feeds_would_vanish_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="too small"):
        write_demo(tmp_path, scale=0.001)


def test_every_feed_with_a_contract_is_written(demo: list[WrittenExtract]) -> None:
    assert {one.feed for one in demo} == set(CONTRACTS)
    assert all(one.rows > 0 and one.path.is_file() and one.path.parent.name == one.feed for one in demo)
    assert sum(one.rows for one in demo) < 750_000


def test_headers_are_the_partners_own_and_rows_are_as_counted(demo: list[WrittenExtract]) -> None:
    with duckdb.connect() as connection:
        for one in demo:
            if one.path.suffix == ".zip" or CONTRACTS[one.feed].has_preamble:
                continue
            table = read_file(connection, one.path)
            assert table.column_names == [column.source_name for column in CONTRACTS[one.feed].columns]
            assert table.num_rows == one.rows, one.path


def test_every_format_that_a_contract_allows_comes_once(demo: list[WrittenExtract]) -> None:
    endings = {"".join(one.path.suffixes[-2:]) for one in demo}
    assert {".csv", ".csv.gz", ".xlsx", ".ods", ".parquet", ".zip"} <= endings
    plain = [one.path for one in demo if one.path.suffix == ".csv" and one.feed.startswith(("syp", "rmbc"))]
    starts = {path: path.read_bytes() for path in plain}
    assert sum(data.startswith(b"\xef\xbb\xbf") for data in starts.values()) == 1
    assert sum(b"\r\n" in data and b";" in data.splitlines()[0] for data in starts.values()) == 1
    assert (
        sum("\u00e9".encode("windows-1252") in data and not _is_utf8(data) for data in starts.values()) == 1
    )


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def test_one_delivery_comes_twice_byte_for_byte(demo: list[WrittenExtract]) -> None:
    seen: dict[tuple[str, str], list[str]] = {}
    for one in demo:
        digest = hashlib.sha256(one.path.read_bytes()).hexdigest()
        seen.setdefault((one.feed, digest), []).append(one.path.name)
    assert [len(names) for names in seen.values() if len(names) > 1] == [2]


def test_few_rows_break_their_contract_and_no_delivery_is_lost_for_it(
    extracts: duckdb.DuckDBPyConnection,
) -> None:
    shares = extracts.execute(
        """select count(*) filter (recorded_date = '31/02/2024' or offence_code = '999/99'
                or try_strptime(recorded_date, '%d/%m/%Y') < strptime(committed_from_date, '%d/%m/%Y')),
            count(*), count(distinct crime_ref)
        from all_syp_crimes group by delivery"""
    ).fetchall()
    assert sum(bad for bad, _, _ in shares) > 30
    assert sum(rows > references for _, rows, references in shares) >= 3
    assert max(bad / rows for bad, rows, _ in shares) < CONTRACTS["syp_crimes"].quarantine_threshold / 5


def test_later_deliveries_restate_earlier_records(extracts: duckdb.DuckDBPyConnection) -> None:
    changed = extracts.execute(
        """select count(*) filter (codes > 1), count(*) filter (districts > 1), count(*) filter (tagged < sent)
        from (
            select count(distinct offence_code) as codes, count(distinct district_code) as districts,
                count(tags) as tagged, count(*) as sent
            from all_syp_crimes group by crime_ref having count(distinct delivery) > 1
        )"""
    ).fetchall()[0]
    assert min(changed) > 100


def test_some_crimes_are_first_sent_long_after_they_were_recorded(
    extracts: duckdb.DuckDBPyConnection,
) -> None:
    late = extracts.execute(
        """select count(*) from (
            select min(delivery[:6]) as first_sent,
                min(strftime(try_strptime(recorded_date, '%d/%m/%Y') + interval 1 month, '%Y%m')) as due
            from all_syp_crimes group by crime_ref
        ) where first_sent > due"""
    ).fetchall()[0][0]
    assert late > 500


def test_outcomes_arrive_late_so_that_a_rate_rises_until_its_crimes_have_matured(
    extracts: duckdb.DuckDBPyConnection,
) -> None:
    positive = extracts.execute(
        """with hate as (
            select distinct crime_ref from all_syp_crimes
            where hate_strands is not null and district_code = 'E08000018'
                and try_strptime(recorded_date, '%d/%m/%Y') between '2018-07-01' and '2018-09-30'
        ), given as (
            select crime_ref, min(delivery) as delivery from all_syp_crime_outcomes
            where outcome_type in ('1', '2', '3', '4', '6', '7', '8') group by crime_ref
        )
        select count(*) filter (delivery < '20181015'), count(*) filter (delivery < '20190115'),
            count(*) filter (delivery < '20190415'), count(*)
        from hate join given using (crime_ref)"""
    ).fetchall()[0]
    assert list(positive) == sorted(positive)
    assert 0 < positive[0] < positive[1] < positive[3]


def test_open_archives_overlap_and_the_later_one_restates_outcomes(demo: list[WrittenExtract]) -> None:
    first, second = (_members(one.path) for one in demo if one.feed == "police_uk_street")
    shared = sorted(name for name in first.keys() & second.keys() if name.endswith("street.csv"))
    assert [name[:7] for name in shared] == ["2025-03", "2025-04"]
    changed = 0
    for name in shared:
        before, after = ({row["Crime ID"]: row for row in rows[name]} for rows in (first, second))
        assert before.keys() == after.keys()
        changed += sum(
            before[key]["Last outcome category"] != after[key]["Last outcome category"] for key in before
        )
    assert changed > 100


def test_open_rows_have_ids_but_for_antisocial_behaviour_whose_rows_repeat(
    demo: list[WrittenExtract],
) -> None:
    (members,) = (
        _members(one.path) for one in demo if one.feed == "police_uk_street" and "2025-06" in one.path.name
    )
    rows = [row for name, part in members.items() if name.endswith("street.csv") for row in part]
    nuisance = [tuple(row.values()) for row in rows if row["Crime type"] == "Anti-social behaviour"]
    identified = [row["Crime ID"] for row in rows if row["Crime ID"]]
    assert len(identified) == len(set(identified)) == len(rows) - len(nuisance)
    assert all(len(one) == 64 for one in identified)
    assert len(set(nuisance)) < len(nuisance)
    nowhere = [row for row in rows if not row["LSOA code"]]
    assert nowhere and all(not row["Longitude"] and not row["Latitude"] for row in nowhere)


def _members(path: Path) -> dict[str, list[dict[str, str]]]:
    with zipfile.ZipFile(path) as archive:
        return {
            name: list(csv.DictReader(io.TextIOWrapper(archive.open(name), encoding="utf-8")))
            for name in archive.namelist()
        }


def test_postcodes_are_of_no_town_and_some_callers_withhold_their_names(
    extracts: duckdb.DuckDBPyConnection,
) -> None:
    real, withheld, rows = extracts.execute(
        """select count(*) filter (upper(caller_postcode) not like 'ZZ%'),
            count(*) filter (caller_surname is null), count(*)
        from all_syp_incidents"""
    ).fetchall()[0]
    assert real == 0
    assert 0.1 < withheld / rows < 0.3
