from __future__ import annotations

import datetime as dt

import pytest

from dagster_srp.contracts import Contract
from dagster_srp.report.pages import EXAMPLE, contract_page, in_words


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("%d/%m/%Y", "`DD/MM/YYYY`, for example `31/03/2017`"),
        ("%d/%m/%Y %H:%M", "`DD/MM/YYYY HH:MM`, for example `31/03/2017 14:05`"),
        ("%Y-%m", "`YYYY-MM`, for example `2017-03`"),
    ],
)
def test_a_format_is_said_in_letters_with_an_example(form: str, said: str) -> None:
    assert in_words(form) == said


def test_no_page_has_a_percent_code_and_every_example_is_read_by_its_format(
    contracts: dict[str, Contract],
) -> None:
    for contract in contracts.values():
        assert "`%" not in contract_page(contract)
        for column in contract.columns:
            if column.format:
                assert in_words(column.format) in contract_page(contract)
                assert dt.datetime.strptime(EXAMPLE.strftime(column.format), column.format)
