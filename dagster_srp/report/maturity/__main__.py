"""`python -m dagster_srp.report.maturity [FOLDER]`: writes docs/maturity.md; FOLDER holds the archives of the open data."""

from __future__ import annotations

import sys
from pathlib import Path

from dagster_srp.building.code import PROJECT_ROOT
from dagster_srp.report.maturity.page import PAGE, write_page

OPEN_DATA = PROJECT_ROOT.parent / "shared" / "data" / "police_uk"

if __name__ == "__main__":
    write_page(Path(sys.argv[1]) if len(sys.argv) > 1 else OPEN_DATA)
    print(f"written: {PAGE}")
