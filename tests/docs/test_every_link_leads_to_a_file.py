"""Every relative link of the README and of docs/ leads to a file that exists."""

from __future__ import annotations

from pathlib import Path

import pytest

from .pages import links, pages, shown


@pytest.mark.parametrize("page", pages(), ids=shown)
def test_every_relative_link_leads_to_a_file(page: Path) -> None:
    targets = [link.split("#", 1)[0] for link in links(page) if not link.startswith(("http", "mailto:", "#"))]
    missing = sorted({target for target in targets if not (page.parent / target).exists()})
    assert not missing, f"{shown(page)} links to {', '.join(missing)}: no such file"
