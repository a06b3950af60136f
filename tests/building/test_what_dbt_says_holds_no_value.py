"""A database's complaint may quote a row: only what names columns, tables, paths and counts is passed on."""

from __future__ import annotations

import pytest

from dagster_srp.building.dbt import without_values

IN_MODEL = "Runtime Error in model fct_crime (models/marts/core/fct_crime.sql)\n  "


@pytest.mark.parametrize(
    "complaint",
    [
        "Conversion Error: Could not convert string 'Jane Doe' to INT32",
        'Constraint Error: Duplicate key "complainant: Jane Doe" violates primary key',
        "Conversion Error: Could not convert string 'Binder Error: Jane Doe' to DATE",
        "Invalid Input Error: this model has an enforced contract with Jane Doe",
    ],
)
def test_a_complaint_that_quotes_a_row_is_not_passed_on(complaint: str) -> None:
    assert "Jane Doe" not in str(without_values(IN_MODEL + complaint))


@pytest.mark.parametrize(
    "complaint",
    [
        'Binder Error: Referenced column "colour" not found in FROM clause!',
        "IO Error: Could not write file: No space left on device",
    ],
)
def test_a_complaint_about_names_or_files_is_passed_on(complaint: str) -> None:
    assert without_values(IN_MODEL + complaint) == complaint


def test_how_many_rows_a_test_found_is_passed_on() -> None:
    said = "Got 3 results, configured to fail if != 0"
    assert without_values(said) == said
