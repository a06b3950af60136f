"""The maturity page: how often the projected rates' intervals cover what came, measured by running the released models.

What belongs here: past situations whose end is known (synthetic cohorts, the demo's extracts, two vintages of the open
data), the dbt models run over them, the score, and the page. What does not: any arithmetic of the ladder, which is SQL
in dbt_project/models/indicators_build/maturity and only there.
"""

from dagster_srp.report.maturity.models import LadderModels, compile_models
from dagster_srp.report.maturity.page import write_page

__all__ = ["LadderModels", "compile_models", "write_page"]
