"""The yardstick: the least DuckDB that reads the same files and gives the same numbers, with no history, no rules, no
gates and no release. Run as a script of its own, so that its memory can be measured: bare.py FOLDER OUTPUT.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

from dagster_srp.contracts.load import SEEDS_DIR

COUNTS = {
    "all_crime": "true",
    "criminal_damage": "offence_subgroup = 'criminal_damage'",
    "arson": "offence_subgroup = 'arson'",
    "violence_with_injury": "offence_subgroup = 'violence_with_injury'",
    "violence_without_injury": "offence_subgroup = 'violence_without_injury'",
    "violence_against_the_person": "offence_group = 'violence_against_the_person'",
    "sexual_offences": "offence_group = 'sexual_offences'",
    "rape": "offence_subgroup = 'rape'",
    "other_sexual_offences": "offence_subgroup = 'other_sexual_offences'",
    "sexual_offences_current": "offence_group = 'sexual_offences' and recency_days <= 30",
    "sexual_offences_non_recent": "offence_group = 'sexual_offences' and recency_days between 31 and 365",
    "sexual_offences_historic": "offence_group = 'sexual_offences' and recency_days >= 366",
    "domestic_abuse_crimes": "tags like '%domestic_abuse%'",
    "cse_tagged_offences_recorded": "tags like '%cse%'",
    "hate_crimes": "hate_strands <> ''",
}


def main(inbox: Path, output: Path, threads: int = 2, memory_limit: str = "3GB") -> None:
    output.unlink(missing_ok=True)
    with duckdb.connect(str(output)) as connection:
        connection.execute(f"set threads = {threads}")
        connection.execute(f"set memory_limit = '{memory_limit}'")
        connection.execute("set preserve_insertion_order = false")
        connection.execute(
            "create table crimes as select *, strptime(\"Recorded Date\", '%d/%m/%Y')::date as recorded_date,"
            " strptime(\"Committed From\", '%d/%m/%Y')::date as committed_from_date"
            f" from read_csv('{inbox}/syp_crimes/*.csv', all_varchar = true, header = true, filename = true)"
        )
        connection.execute(
            'create table fct_crime as select c."Crime Reference" as crime_ref, recorded_date, committed_from_date,'
            " date_diff('day', committed_from_date, recorded_date) as recency_days, \"HO Offence Code\" as offence_code,"
            ' o.offence_group, o.offence_subgroup, "Dwelling" = \'Y\' as is_dwelling, "Tags" as tags,'
            ' "Hate Strands" as hate_strands, a.ltla24_code as district_code, a.ward24_code as ward_code,'
            ' c."LSOA Code" as lsoa_code, "Complainant Ref" as complainant_ref'
            ' from crimes as c left join (select "Crime Reference" as again, max(filename) as last_file from crimes'
            ' group by 1 having count(*) > 1) as latest on c."Crime Reference" = latest.again'
            f" join (select * from read_csv('{SEEDS_DIR}/offence_groups.csv')) as o on o.offence_code = \"HO Offence Code\""
            " and recorded_date >= o.valid_from and (o.valid_to is null or recorded_date <= o.valid_to)"
            f" join read_csv('{inbox}/ons_lsoa_ward_lad/*.csv') as a on a.lsoa21_code = c.\"LSOA Code\""
            " where latest.again is null or c.filename = latest.last_file"
        )
        counted = ", ".join(f"count(*) filter (where {where}) as {name}" for name, where in COUNTS.items())
        connection.execute(
            "create table months as select date_trunc('month', recorded_date)::date as month_date, district_code,"
            f" ward_code, lsoa_code, {counted} from fct_crime group by all"
        )
        names = ", ".join(COUNTS)
        connection.execute(
            f"create table long as unpivot months on {names} into name indicator_id value numerator"
        )
        connection.execute(
            "create table periods as select month_date, 'month' as period_type, month_date as period_start from (select"
            " distinct month_date from months) union all select month_date, 'quarter', date_trunc('quarter', month_date)"
            " from (select distinct month_date from months) union all select month_date, 'year', make_date(year(month_date"
            " - interval 3 month), 4, 1) from (select distinct month_date from months) union all select m.month_date,"
            " 'rolling_12m', m.month_date - to_months(n::integer) from (select distinct month_date from months) as m,"
            " range(12) as t (n)"
        )
        areas = " union all ".join(
            f"select indicator_id, month_date, '{kind}' as area_type, {code} as area_code, sum(numerator) as numerator"
            f" from long {where} group by all"
            for kind, code, where in (
                ("force", "'force'", ""),
                ("csp", "district_code", ""),
                ("ward", "ward_code", "where district_code = 'E08000018'"),
                ("lsoa", "lsoa_code", "where district_code = 'E08000018'"),
            )
        )
        connection.execute(
            "create table indicator_values as select indicator_id, period_type, period_start, area_type, area_code,"
            f" sum(numerator) as numerator from ({areas}) join periods using (month_date) group by all"
        )
        connection.execute(
            "create table repeat_victims as select y, count(*) from (select year(committed_from_date - interval 3 month)"
            " as y, complainant_ref from fct_crime where offence_subgroup in ('burglary_dwelling', 'residential_burglary')"
            " group by all having count(*) > 1) group by y"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
