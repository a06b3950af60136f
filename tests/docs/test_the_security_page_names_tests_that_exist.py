from __future__ import annotations

import re

import pytest

from .pages import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
PROPERTIES = re.findall(r"^\| (.+?) \| `(tests/[\w/]+\.py)(?:::(test_\w+))?` \|$", PAGE, re.MULTILINE)


@pytest.mark.parametrize(("said", "file", "test"), PROPERTIES, ids=[said for said, _, _ in PROPERTIES])
def test_the_test_of_a_property_exists(said: str, file: str, test: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    assert f"def {test or 'test_'}" in text, f"{file} has no {test or 'test'}, which enforces: {said}"


def test_every_property_names_a_test() -> None:
    rows = PAGE.split("## Properties and their tests")[1].count("\n|") - 2
    assert len(PROPERTIES) == rows > 10
