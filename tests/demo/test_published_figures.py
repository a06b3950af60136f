"""The demo's records add up to the published figures, counted straight from the files by the reports' definitions."""

from __future__ import annotations

import csv
from collections.abc import Iterator

import duckdb
import pytest
from reading import SEEDS, keep_final_versions

with (SEEDS / "published_figures.csv").open(encoding="utf-8", newline="") as _file:
    FIGURES = list(csv.DictReader(_file))

_CRIME = "from crime where {day} between ?::date and ?::date"
_HERE = "district_code = 'E08000018'"


def _crimes(condition: str, day: str = "recorded", home: bool = True) -> str:
    return f"select count(*) {_CRIME.format(day=day)} and {condition}" + (f" and {_HERE}" if home else "")


def _tagged(tag: str, day: str = "recorded") -> str:
    return _crimes(f"list_contains(string_split(coalesce(tags, ''), ';'), '{tag}')", day)


def _subgroup(*names: str, day: str = "recorded") -> str:
    return _crimes(f"subgroup in {(*names, '')}", day)


def _incidents(condition: str) -> str:
    return (
        f"select count(*) from incident where opened between ?::date and ?::date and {_HERE} and {condition}"
    )


def _hate(strand: str) -> str:
    marked = f"list_contains(string_split(coalesce(hate_strands, ''), ';'), '{strand}')"
    return _incidents(f"closing_category = 'hate_non_crime' and {marked}")


def _contacts(kind: str) -> str:
    return f"""select count(*) from rmbc_social_care_contacts
        where strptime(contact_date, '%d/%m/%Y') between ?::date and ?::date
            and kind = '{kind}' and list_contains(string_split(coalesce(tags, ''), ';'), 'cse')"""


_SEXUAL = "grp = 'sexual_offences' and recorded - committed between {} and {}"
_MARAC = "from referral where referred between ?::date and ?::date"
_PLAIN = "regexp_replace(lower({}), '[^a-z0-9]', '', 'g')"
_CALLER = " || '|' || ".join(
    _PLAIN.format(f"caller_{part}") for part in ("forename", "surname", "address", "postcode")
)

QUERIES = {
    "all_crime_rotherham": _crimes("true"),
    "all_crime_force": _crimes("true", home=False),
    "child_protection_referrals_cse_tagged": _contacts("referral"),
    "social_care_contacts_cse": _contacts("contact"),
    "cse_tagged_offences_recorded": _tagged("cse"),
    "cse_tagged_offences_committed": _tagged("cse", "committed"),
    "hate_incidents": _incidents("closing_category = 'hate_non_crime'"),
    "hate_incidents_race": _hate("race"),
    "hate_incidents_religion": _hate("religion"),
    "hate_incidents_disability": _hate("disability"),
    "hate_incidents_sexual_orientation": _hate("sexual_orientation"),
    "hate_incidents_transgender": _hate("transgender"),
    "domestic_abuse_crimes": _tagged("domestic_abuse"),
    "domestic_abuse_incidents": _incidents("closing_category = 'domestic_abuse'"),
    "honour_based_violence_crimes": _tagged("honour_based_violence"),
    "forced_marriage_crimes": _tagged("forced_marriage"),
    "marac_referrals": f"select count(*) {_MARAC}",
    "marac_repeat_cases": f"select count(*) {_MARAC} and criminal and referred <= previous + interval 12 month",
    "asb_incidents_police": _incidents("closing_category like 'asb%'"),
    "asb_repeat_victims": f"""select count(*) from (
        select {_CALLER} as caller from incident
        where opened between ?::date and ?::date and {_HERE} and closing_category like 'asb%'
            and caller_surname is not null and caller_address is not null
        group by caller having count(*) >= 4)""",
    "criminal_damage": _subgroup("criminal_damage"),
    "arson": _subgroup("arson"),
    "asb_reports_council": f"""select count(*) from rmbc_asb_reports
        where strptime(reported_at, '%d/%m/%Y %H:%M')::date between ?::date and ?::date and {_HERE}""",
    "residential_burglary_committed": _subgroup("burglary_dwelling", "residential_burglary", day="committed"),
    "residential_burglary_repeat_victims": f"""select count(*) from (
        select complainant_ref {_CRIME.format(day="committed")} and {_HERE} and is_dwelling = 'Y'
            and subgroup in ('burglary_dwelling', 'residential_burglary') and complainant_ref is not null
        group by complainant_ref having count(*) > 1)""",
    "violence_against_the_person": _crimes("grp = 'violence_against_the_person'"),
    "violence_with_injury": _subgroup("violence_with_injury"),
    "violence_without_injury": _subgroup("violence_without_injury"),
    "violence_against_the_person_committed": _crimes("grp = 'violence_against_the_person'", "committed"),
    "sexual_offences": _crimes("grp = 'sexual_offences'"),
    "rape": _subgroup("rape"),
    "other_sexual_offences": _subgroup("other_sexual_offences"),
    "sexual_offences_current": _crimes(_SEXUAL.format(0, 30)),
    "sexual_offences_non_recent": _crimes(_SEXUAL.format(31, 365)),
    "sexual_offences_historic": _crimes(_SEXUAL.format(366, 100_000)),
    "hate_crime_positive_outcome_rate": f"""
        select round(100.0 * count(*) filter (latest in ('1', '2', '3', '4', '6', '7', '8')) / count(*), 1)
        from crime left join outcome using (crime_ref)
        where recorded between ?::date and ?::date and {_HERE} and hate_strands is not null""",
}

_VIEWS = """
create table crime as
select c.*, strptime(recorded_date, '%d/%m/%Y')::date as recorded,
    strptime(committed_from_date, '%d/%m/%Y')::date as committed,
    g.offence_group as grp, g.offence_subgroup as subgroup
from syp_crimes as c left join offence_groups as g
    on g.offence_code = c.offence_code and strptime(recorded_date, '%d/%m/%Y')
        between g.valid_from::date and coalesce(g.valid_to, '9999-12-31')::date;
create table incident as
select *, strptime(opened_at, '%d/%m/%Y %H:%M')::date as opened from syp_incidents;
create table outcome as
select crime_ref, max_by(outcome_type, strptime(outcome_date, '%d/%m/%Y')) as latest
from syp_crime_outcomes group by crime_ref;
create table referral as
with dated as (
    select *, strptime(referral_date, '%d/%m/%Y')::date as referred, is_criminal_abuse = 'Y' as criminal,
        array_to_string(list_sort(string_split(perpetrator_refs, ';')), ';') as perpetrators
    from marac_cases
)
select *, lag(referred) over (partition by victim_ref, perpetrators order by referred) as previous from dated;
"""


@pytest.fixture(
    scope="module", params=[True, False], ids=["first of a double kept", "both of a double refused"]
)
def records(
    extracts: duckdb.DuckDBPyConnection, request: pytest.FixtureRequest
) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = extracts.cursor()
    schema = "first_kept" if request.param else "both_refused"
    connection.execute(f"create schema {schema}")
    connection.execute(f"set search_path = '{schema},main'")
    keep_final_versions(connection, keep_first=request.param)
    connection.execute(_VIEWS)
    yield connection
    connection.close()


@pytest.mark.parametrize(
    "figure", FIGURES, ids=lambda row: f"{row['indicator_id']} {row['period_start']} {row['period_end']}"
)
def test_the_records_give_the_published_figure(
    records: duckdb.DuckDBPyConnection, figure: dict[str, str]
) -> None:
    query = QUERIES[figure["indicator_id"]]
    found = records.execute(query, [figure["period_start"], figure["period_end"]]).fetchall()[0][0]
    assert found == float(figure["value"])


def test_all_published_figures_are_asked_for() -> None:
    assert len(FIGURES) == 75
    assert set(QUERIES) == {figure["indicator_id"] for figure in FIGURES}


def test_every_crime_falls_in_one_group_of_its_day(records: duckdb.DuckDBPyConnection) -> None:
    crimes, references, grouped = records.execute(
        "select count(*), count(distinct crime_ref), count(grp) from crime"
    ).fetchall()[0]
    assert crimes == references == grouped


def test_each_outcome_is_of_a_crime_that_was_sent(records: duckdb.DuckDBPyConnection) -> None:
    assert records.execute("select count(*) from outcome anti join crime using (crime_ref)").fetchall() == [
        (0,)
    ]
