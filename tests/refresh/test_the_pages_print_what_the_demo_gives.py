"""Every query of the pages that is followed by its output prints that output on the demo release."""

from __future__ import annotations

import re

import duckdb
import pytest

from dagster_srp.home import Home
from dagster_srp.report.outputs import PAGES, printed, written
from tests.docs.pages import ROOT


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_prints_what_its_queries_give(demo_home: Home, name: str) -> None:
    text = page(name)
    assert written(text, demo_home.root) == text, f"{name} prints something else: run `make outputs`"


def test_an_output_that_was_changed_by_hand_is_found(demo_home: Home) -> None:
    text = page("docs/analyst.md")
    changed = text.replace("168 ", "169 ", 1)
    assert changed != text
    assert written(changed, demo_home.root) == written(text, demo_home.root)


@pytest.mark.parametrize("name", PAGES)
def test_every_output_has_rows(name: str) -> None:
    outputs = re.findall(r"^```text\n((?:(?!```).*\n)*)```$", page(name), re.MULTILINE)
    assert outputs
    assert all(output.count("\n") > 2 for output in outputs)


def test_numbers_stand_to_the_right_and_what_is_not_known_is_blank() -> None:
    query = "select * from (values ('a', 10.5, true), ('bcd', null, false)) as t(name, value, holds)"
    lines = printed(duckdb.connect(), query).splitlines()
    assert lines == ["name  value  holds", "----  -----  -----", "a      10.5  yes", "bcd          no"]
