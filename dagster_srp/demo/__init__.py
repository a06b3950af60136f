"""Demo: synthetic partner extracts that honour the contracts.

What belongs here: invented people, the plan of what their records must add up to, the records, and the files that
partners would send. What does not: reading any of it back, and deciding where a demo may be written (home, cli).

`write_demo` is the only door. `facts/` carries published facts about South Yorkshire's areas; where they come from
stands in `areas`.
"""

from dagster_srp.demo.files import WrittenExtract
from dagster_srp.demo.write import write_demo

__all__ = ["WrittenExtract", "write_demo"]
