"""Crime extracts of any size, written by DuckDB alone: made-up persons, real codes and areas."""

from __future__ import annotations

from pathlib import Path

import duckdb

from dagster_srp.contracts import Contract
from dagster_srp.contracts.load import SEEDS_DIR
from dagster_srp.demo import write_demo

FIRST_DAY = "2015-04-01"
DAYS = 3652
LOOKUPS = ("ons_imd", "ons_lad_csp_pfa", "ons_lsoa_2011_2021", "ons_lsoa_ward_lad", "ons_residents")


def write_lookups(inbox: Path) -> None:
    write_demo(inbox, only=LOOKUPS)


def write_crimes(inbox: Path, contract: Contract, rows: int, deliveries: int) -> list[Path]:
    """Splits the rows over deliveries by day of recording, as a partner's backlog would come."""
    folder = inbox / contract.feed
    folder.mkdir(parents=True, exist_ok=True)
    size = rows // deliveries
    paths = []
    with duckdb.connect() as connection:
        _prepare(connection, inbox)
        for number in range(deliveries):
            first = number * size
            last = first + size if number < deliveries - 1 else rows
            day = f"date '{FIRST_DAY}' + cast(i::bigint * {DAYS} // {rows} as integer)"
            (extracted,) = connection.execute(
                f"select strftime(date '{FIRST_DAY}' + cast({last - 1}::bigint * {DAYS} // {rows} + 1 as integer), '%Y%m%d')"
            ).fetchone() or ("",)
            path = folder / f"{contract.feed}_{extracted}_{number:04d}.csv"
            _copy(connection, contract, path, f"range({first}, {last})", day, salt=0)
            paths.append(path)
    return paths


def write_month(inbox: Path, contract: Contract, history: int, rows: int, restated_share: float) -> Path:
    """The next month: new crimes, and some of the last two years' crimes again with another offence."""
    path = inbox / contract.feed / f"{contract.feed}_20260501.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    again = int(rows * restated_share)
    with duckdb.connect() as connection:
        _prepare(connection, inbox)
        span = max(1, history // 5)
        restated = (
            f"select {history} - {span} + n * {max(1, span // again)} as i from range({again}) as t (n)"
        )
        new = f"select {history} + n as i from range({rows - again}) as t (n)"
        day = (
            f"case when i < {history} then date '{FIRST_DAY}' + cast(i::bigint * {DAYS} // {history} as integer)"
            " else date '2025-04-01' + cast(i % 30 as integer) end"
        )
        _copy(connection, contract, path, f"({restated} union all {new})", day, salt=7)
    return path


def _prepare(connection: duckdb.DuckDBPyConnection, inbox: Path) -> None:
    codes = SEEDS_DIR / "offence_groups.csv"
    connection.execute(
        f"create temp table codes as select row_number() over (order by offence_code) - 1 as n, offence_code from"
        f" (select offence_code from read_csv('{codes}', all_varchar = true) where valid_from <= '2015-04-01' and"
        " valid_to = '2017-03-31' or valid_from = '2017-04-01' and valid_to is null group by 1"
        " having count(distinct list_name) = 2)"
    )
    areas = next((inbox / "ons_lsoa_ward_lad").glob("*.csv"), None)
    if areas is None:
        areas = next(inbox.parent.rglob("*lookup_lsoa21*.csv"), None)
    connection.execute(
        "create temp table areas as select row_number() over (order by lsoa21_code) - 1 as n, * from"
        f" read_csv('{areas}', all_varchar = true)"
        if areas
        else "create temp table areas as select 0 as n, 'E01007700' as lsoa21_code, 'E08000018' as ltla24_code"
    )


def _copy(
    connection: duckdb.DuckDBPyConnection, contract: Contract, path: Path, numbers: str, day: str, salt: int
) -> None:
    source = f"select i, hash(i + {salt} * 1000003) as h, {day} as day from {numbers} as t (i)"
    tags = "case h % 20 when 0 then 'domestic_abuse' when 1 then 'cse' end"
    expressions = {
        "crime_ref": "'SYP/' || strftime(day, '%y') || '/' || lpad(i::varchar, 9, '0')",
        "recorded_date": "strftime(day, '%d/%m/%Y')",
        "committed_from_date": "strftime(day - (h % 40)::integer, '%d/%m/%Y')",
        "committed_to_date": "null",
        "offence_code": "codes.offence_code",
        "is_dwelling": "case when h % 3 = 0 then 'Y' else 'N' end",
        "tags": tags,
        "hate_strands": "case when h % 50 = 3 then 'race' when h % 50 = 4 then 'race;religion' end",
        "district_code": "areas.ltla24_code",
        "ward_code": "null",
        "lsoa_code": "areas.lsoa21_code",
        "complainant_ref": "'P' || (h % 4000000)::varchar",
        "complainant_forename": "'Forename' || (h % 300)::varchar",
        "complainant_surname": "'Surname' || (h % 900)::varchar",
        "complainant_birth_date": "strftime(date '1950-01-01' + (h % 18000)::integer, '%d/%m/%Y')",
        "complainant_address": "(h % 200)::varchar || ' Street ' || (h % 1500)::varchar",
        "complainant_postcode": "'ZZ' || (h % 99)::varchar || ' ' || (h % 9)::varchar || 'AA'",
        "suspect_refs": "null",
    }
    columns = ", ".join(f'{expressions[c.name]} as "{c.source_name}"' for c in contract.columns)
    codes, areas = (
        connection.execute(f"select count(*) from {t}").fetchall()[0][0] for t in ("codes", "areas")
    )
    connection.execute(
        f"copy (select {columns} from (select *, (h % {codes})::bigint as code_n, (h % {areas})::bigint as area_n"
        f" from ({source})) as s join codes on codes.n = code_n join areas on areas.n = area_n) to '{path}' (header)"
    )
