"""Writes the demo's extracts: the one thing that other rooms call."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

from dagster_srp.contracts import Contract, load_contracts
from dagster_srp.demo import council, marac, open_data, partners, partnership
from dagster_srp.demo.areas import Areas, load_areas
from dagster_srp.demo.crime_text import crime_versions, render_crimes
from dagster_srp.demo.crimes import make_crimes
from dagster_srp.demo.days import month
from dagster_srp.demo.delivering import Render, deliver, file_date
from dagster_srp.demo.files import Format, WrittenExtract
from dagster_srp.demo.incident_text import incident_versions, render_incidents
from dagster_srp.demo.incidents import make_incidents
from dagster_srp.demo.offences import Offences, load_offences
from dagster_srp.demo.outcomes import make_outcomes, render_outcomes
from dagster_srp.demo.people import People, make_people
from dagster_srp.demo.plan import Plan, load_plan
from dagster_srp.demo.records import Records

_PEOPLE = 60_000
_FEWEST_PEOPLE = 2_000
_SMALLEST_SCALE = 0.01

_FORMATS = {
    ("syp_crimes", month(2016, 6)): Format.SEMICOLON_CRLF,
    ("syp_crimes", month(2023, 5)): Format.PARQUET,
    ("syp_incidents", month(2016, 2)): Format.WINDOWS_1252,
    ("syp_incidents", month(2024, 9)): Format.PARQUET,
    ("rmbc_asb_reports", month(2015, 8)): Format.TAB_BOM,
    ("marac_cases", month(2016, 9)): Format.XLSX,
    ("rmbc_da_services", month(2023, 12)): Format.XLSX,
    ("srp_events", month(2018, 9)): Format.ODS,
    ("syfr_incidents", month(2024, 6)): Format.ODS,
}
"""What is not plain CSV; beside these every sixth delivery of the police is gzipped."""

_RESENT = ("syp_incidents", month(2023, 6))
"""The delivery that comes a second time, byte for byte, under a later name."""


def write_demo(
    inbox: Path, *, scale: float = 1.0, seed: int = 20160401, only: Sequence[str] | None = None
) -> list[WrittenExtract]:
    """Writes every feed's extracts (or those of `only`) into the inbox, the same bytes for the same arguments.

    At scale 1 the records of 2015/16, 2016/17 and 2018/19 add up to the published figures, exactly. At another scale
    every volume is multiplied, and nothing is promised but the shape.
    """
    contracts = load_contracts()
    unknown = sorted(set(only or ()) - set(contracts))
    if scale < _SMALLEST_SCALE:
        raise ValueError(
            f"scale {scale} is too small: nothing would be left of some feeds; use {_SMALLEST_SCALE} or more"
        )
    if unknown:
        raise ValueError(f"no such feed: {', '.join(unknown)}; there are {', '.join(contracts)}")
    feeds = [feed for feed in contracts if only is None or feed in only]
    return [extract for written in _Demo(inbox, contracts, scale, seed).written(feeds) for extract in written]


class _Demo:
    """What the feeds share, made when the first of them needs it."""

    def __init__(self, inbox: Path, contracts: dict[str, Contract], scale: float, seed: int) -> None:
        self.inbox, self.contracts, self.seed = inbox, contracts, seed
        self.plan: Plan = load_plan(scale)

    @cached_property
    def people(self) -> People:
        return make_people(max(_FEWEST_PEOPLE, self.plan.size(_PEOPLE)), self.seed)

    @cached_property
    def areas(self) -> Areas:
        return load_areas()

    @cached_property
    def offences(self) -> Offences:
        return load_offences()

    @cached_property
    def crimes(self) -> Records:
        return make_crimes(self.plan, self.people, self.areas, self.offences, self.seed)

    def written(self, feeds: list[str]) -> Iterator[list[WrittenExtract]]:
        """Each feed's files, feed after feed."""
        makers = self._makers()
        for feed in feeds:
            if feed in makers:
                records, render = makers[feed]()
                yield self._delivered(feed, records, render)
            elif feed.startswith("ons_"):
                yield open_data.write_ons(self.inbox, self.contracts[feed])
        archived = [feed for feed in feeds if feed.startswith("police_uk_")]
        if archived:
            yield open_data.write_police_uk(
                self.inbox, self.contracts, archived, self.plan, self.areas, self.seed
            )

    def _makers(self) -> dict[str, Callable[[], tuple[Records, Render]]]:
        plan, seed = self.plan, self.seed
        return {
            "syp_crimes": lambda: (
                crime_versions(self.crimes, self.offences, seed),
                render_crimes(self.people, self.areas, self.offences),
            ),
            "syp_crime_outcomes": lambda: (make_outcomes(plan, self.crimes, seed), render_outcomes()),
            "syp_incidents": lambda: (
                incident_versions(make_incidents(plan, self.people, self.areas, seed), seed),
                render_incidents(self.people, self.areas),
            ),
            "marac_cases": lambda: (
                marac.marac_versions(marac.make_marac(plan, self.people, seed), seed),
                marac.render_marac(self.people),
            ),
            "rmbc_asb_reports": lambda: (
                council.make_asb_reports(plan, self.people, self.areas, seed),
                council.render_asb_reports(self.people, self.areas),
            ),
            "rmbc_social_care_contacts": lambda: (council.make_contacts(plan, seed), council.render_contacts),
            "rmbc_da_services": lambda: (
                council.make_da_services(plan, self.people, seed),
                council.render_da_services(self.people),
            ),
            "syfr_incidents": lambda: (
                partners.make_fires(plan, self.areas, seed),
                partners.render_fires(self.areas),
            ),
            "probation_cohort": lambda: (
                partners.make_probation(plan, self.people, seed),
                partners.render_probation(self.people),
            ),
            "health_treatment": lambda: (
                partners.make_treatment(plan, self.people, seed),
                partners.render_treatment(self.people),
            ),
            "syp_exploitation": lambda: (
                partners.make_exploitation(plan, seed),
                partners.render_exploitation,
            ),
            "srp_survey": lambda: (
                partnership.make_survey(plan, self.areas, seed),
                partnership.render_survey(self.areas),
            ),
            "srp_events": lambda: (partnership.make_events(plan, seed), partnership.render_events),
            "srp_attendance": lambda: (partnership.make_attendance(seed), partnership.render_attendance),
            "srp_delivery_plan": lambda: (
                partnership.make_delivery_plan(seed),
                partnership.render_delivery_plan,
            ),
            "srp_morile": lambda: (partnership.make_morile(seed), partnership.render_morile),
        }

    def _delivered(self, feed: str, records: Records, render: Render) -> list[WrittenExtract]:
        def form(sent: int) -> Format:
            packed = feed.startswith("syp_") and sent % 6 == 4
            return _FORMATS.get((feed, sent), Format.CSV_GZ if packed else Format.CSV)

        written = deliver(self.inbox, self.contracts[feed], records, render, form)
        if feed == _RESENT[0]:
            first = next(one for one in written if file_date(_RESENT[1]) in one.path.name)
            again = first.path.with_name(f"{feed}_demo_{int(file_date(_RESENT[1])) + 9}_again.csv")
            shutil.copyfile(first.path, again)
            written.append(WrittenExtract(feed, again, first.rows))
        return written
