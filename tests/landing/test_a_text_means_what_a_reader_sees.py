"""One grammar for a list, no invisible characters, and no value where a word says so: applied once, at landing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dagster_srp.contracts import Contract
from dagster_srp.duck import open_memory
from dagster_srp.landing.rules import judged, typed

from .room import Room, crime, text

TAGS = [
    ("domestic_abuse; knife", "domestic_abuse;knife"),
    ("domestic_abuse ;knife", "domestic_abuse;knife"),
    ("knife;domestic_abuse", "domestic_abuse;knife"),
    ("knife;;online;", "knife;online"),
    (";knife", "knife"),
    ("Knife;ONLINE", "knife;online"),
    ("knife;knife", "knife"),
    ("knife;\u00a0online\u200b", "knife;online"),
    ("knife;NULL", "knife"),
    ("N/A", None),
    (" ; ;", None),
    ("-", None),
]
STRANDS = ["race; religion", " religion;race", "race;religion;", "Race;;Religion"]
WORDS = ["NULL", "null", "N/A", "#N/A", "None", "nan", "-", "UNKNOWN", " N/A ", "\\N", "(null)"]
NAMES = [
    *("Null", "NaNa", "Nan", "Nonesuch", "O'Null", "Unknowne"),
    *("Łukasz", "Олена", "José María", "李小龍", "علی"),
]
SAME_REFERENCES = ["P\u200b7", "\ufeffP7", "P7\u2060", "P7\u00a0", "\u00a0P7", "P\u00ad7", "P7\u200e"]

CASES = [
    *(("Tags", "tags", given, stored) for given, stored in TAGS),
    *(("Hate Strands", "hate_strands", given, "race;religion") for given in STRANDS),
    ("Suspect Refs", "suspect_refs", "n2 ; N1;;n2", "n2;N1;n2"),
    *(("Complainant Ref", "complainant_ref", word, None) for word in WORDS),
    *(("Complainant Surname", "complainant_surname", word, None) for word in WORDS),
    *(("Complainant Surname", "complainant_surname", name, name) for name in NAMES),
    *(("Complainant Ref", "complainant_ref", reference, "P7") for reference in SAME_REFERENCES),
]
"""Header, column, the text that is sent, and the text that raw holds."""
UNKNOWN_ENTRIES = ["knife;gun", "knife,online", "kn ife"]


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory, contracts: dict[str, Contract]) -> Room:
    """One delivery with a row for each case, then a row for each list that holds an unknown entry."""
    room = Room(tmp_path_factory.mktemp("seen") / "home", {"syp_crimes": contracts["syp_crimes"]})
    rows = [crime(number, **{header: sent}) for number, (header, _, sent, _) in enumerate(CASES, 1)]
    rows += [crime(900 + number, Tags=tags) for number, tags in enumerate(UNKNOWN_ENTRIES)]
    room.contracts = {"syp_crimes": replace(contracts["syp_crimes"], quarantine_threshold=0.5)}
    assert room.land_one(text(rows)).accepted == len(CASES)
    return room


@pytest.mark.parametrize(("number", "case"), enumerate(CASES, 1))
def test_raw_holds_what_a_reader_sees(
    landed: Room, number: int, case: tuple[str, str, str, str | None]
) -> None:
    _, column, _, stored = case
    assert landed.raw(column)[number - 1] == (stored,)


@pytest.mark.parametrize(("number", "tags"), enumerate(UNKNOWN_ENTRIES))
def test_an_entry_that_the_list_does_not_know_is_quarantined_as_it_was_sent(
    landed: Room, number: int, tags: str
) -> None:
    _, row, reasons = landed.quarantine()[number]
    assert reasons == ["Tags: not in the contract's values"] and tags in row


def test_dates_in_a_list_may_have_blanks_around_them(contracts: dict[str, Contract]) -> None:
    column = contracts["probation_cohort"].column("reoffence_dates")
    with open_memory() as connection:
        query = f"select {typed(column)} from (select '01/02/2024 ; 01/02/2024;' as text_reoffence_dates)"
        assert connection.execute(query).fetchall() == [("01/02/2024;01/02/2024",)]


def test_a_required_reference_without_a_value_is_quarantined(contracts: dict[str, Contract]) -> None:
    contract = contracts["probation_cohort"]
    names = [c.name for c in contract.columns]
    texts = ", ".join(f"{'NULL' if n != 'person_ref' else repr('NULL')}::varchar as text_{n}" for n in names)
    with open_memory() as connection:
        (row,) = connection.execute(judged(contract, f"select {texts}", names, has_nul=False)).fetchall()
    assert "Person Ref: required, and blank" in row[-2]
