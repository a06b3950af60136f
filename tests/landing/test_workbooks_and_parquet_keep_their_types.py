from __future__ import annotations

import datetime as dt
import io
import random
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from .room import Room, crime, crimes

XLSX = "crimes_2024-06-30.xlsx"


def _rows(rows: Sequence[dict[str, Any]]) -> list[list[Any]]:
    return [list(rows[0]), *([value if value != "" else None for value in row.values()] for row in rows)]


def xlsx(
    rows: Sequence[dict[str, Any]] | None = None,
    change: Callable[[openpyxl.Workbook], None] = lambda book: None,
) -> bytes:
    book = openpyxl.Workbook()
    for row in _rows(rows or [crime()]):
        book.active.append(row)
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _typed_crime(number: int = 1, **changes: Any) -> dict[str, Any]:
    day = dt.date(2024, 6, 14)
    return (
        crime(number)
        | {"Recorded Date": day, "Committed From": day, "Complainant DOB": dt.date(1980, 2, 1)}
        | changes
    )


def _held(room: Room, content: bytes, name: str = XLSX) -> str:
    delivery = room.land_one(content, name)
    assert delivery.state == "held" and room.raw() == []
    return " ".join(delivery.reasons)


def test_dates_are_dates_and_numbers_written_as_text_stay_text(room: Room) -> None:
    rows = [_typed_crime(1, **{"Complainant Ref": "00001"}), _typed_crime(2, **{"Complainant Ref": 17.0})]
    assert room.land_one(xlsx(rows), XLSX).accepted == 2
    assert room.raw("recorded_date, complainant_ref") == [
        (dt.date(2024, 6, 14), "00001"),
        (dt.date(2024, 6, 14), "17"),
    ]


def test_a_date_as_text_is_read_by_the_contracts_format(room: Room) -> None:
    room.land_one(xlsx([crime(**{"Committed From": "04/03/2024"})]), XLSX)
    assert room.raw("committed_from_date") == [(dt.date(2024, 3, 4),)]


def test_an_hour_in_a_date_is_not_dropped(room: Room) -> None:
    rows = [_typed_crime(n) for n in range(1, 30)] + [
        _typed_crime(30, **{"Recorded Date": dt.datetime(2024, 6, 14, 9, 20)})
    ]
    room.land_one(xlsx(rows), XLSX)
    ((_, _, reasons),) = room.quarantine()
    assert "Recorded Date: not a date written %d/%m/%Y" in reasons


def test_a_sheet_dated_from_1904_gives_the_same_dates(room: Room) -> None:
    def since_1904(book: openpyxl.Workbook) -> None:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904

    assert room.land_one(xlsx([_typed_crime()], since_1904), XLSX).accepted == 1
    assert room.raw("recorded_date") == [(dt.date(2024, 6, 14),)]


def test_a_moment_with_minutes_survives_the_sheets_arithmetic(rooms: Callable[..., Room]) -> None:
    room, feed = rooms("syp_incidents"), "syp_incidents"
    columns = room.contracts[feed].columns
    moments = [dt.datetime(2024, 6, 14, hour, minute) for hour in range(24) for minute in (0, 1, 20, 59)]
    blank = dict.fromkeys((c.source_name for c in columns), "")
    fixed = {"Closing Category": columns[2].allowed_values[0], "LA Code": "E08000018"}
    rows = [
        blank | fixed | {"Incident Number": f"INC/24/{n:06d}", "Opened": at} for n, at in enumerate(moments)
    ]
    assert room.land_one(xlsx(rows), "incidents_2024-06-30.xlsx", feed).quarantined == 0
    assert [at for (at,) in room.raw("opened_at", feed)] == moments


def _formula(book: openpyxl.Workbook) -> None:
    book.active["H2"] = "=A1"


def _merged(book: openpyxl.Workbook) -> None:
    book.active.merge_cells("M2:N2")


def _second_sheet(book: openpyxl.Workbook) -> None:
    book.create_sheet("More").append(["x"])


def _error(book: openpyxl.Workbook) -> None:
    book.active["H2"] = "#N/A"


def _far_corner(book: openpyxl.Workbook) -> None:
    book.active.cell(1_048_576, 16_384, "x")


def _overhang(book: openpyxl.Workbook) -> None:
    book.active["T2"] = "a note"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_formula, "formulas"),
        (_merged, "merged cells"),
        (_second_sheet, "Sheets 'Sheet', 'More' all hold data"),
        (_error, "errors such as #N/A"),
        (_far_corner, "so far to the right or below"),
        (_overhang, "to the right of the header"),
    ],
)
def test_what_a_sheet_can_hide_is_held(
    room: Room, change: Callable[[openpyxl.Workbook], None], reason: str
) -> None:
    assert reason in _held(room, xlsx(change=change))


def test_an_empty_second_sheet_does_not_matter(room: Room) -> None:
    assert room.land_one(xlsx(change=lambda book: book.create_sheet("Sheet2")), XLSX).accepted == 1


def test_blank_rows_are_no_rows_and_later_lines_are_exact(room: Room) -> None:
    def spread(book: openpyxl.Workbook) -> None:
        book.active.insert_rows(3, 2)
        book.active.insert_rows(1)

    assert room.land_one(xlsx(crimes(3), spread), XLSX).rows_read == 3
    assert [line for _, line in room.raw()] == [3, 6, 7]


@pytest.mark.parametrize("stated", ["A0:R4", "A0", "A1:XFD1048576"])
def test_the_range_that_a_sheet_states_of_itself_is_not_needed(room: Room, stated: str) -> None:
    whole, out = zipfile.ZipFile(io.BytesIO(xlsx(crimes(3)))), io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in whole.namelist():
            archive.writestr(name, whole.read(name).replace(b'ref="A1:R4"', f'ref="{stated}"'.encode()))
    assert room.land_one(out.getvalue(), XLSX).accepted == 3


def test_an_empty_workbook_is_held(room: Room) -> None:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.save(out)
    assert "empty" in _held(room, out.getvalue())


def test_a_zip_that_is_no_workbook_is_held(room: Room) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("hello.txt", "x")
    assert "Not a readable workbook" in _held(room, out.getvalue())


def ods(rows: Sequence[dict[str, Any]], **merged: str) -> bytes:
    book = OpenDocumentSpreadsheet()
    table = Table(name="Sheet1")
    for row in _rows(rows):
        line = TableRow()
        for value in row:
            if isinstance(value, dt.date):
                line.addElement(TableCell(valuetype="date", datevalue=value.isoformat()))
            else:
                cell = TableCell(valuetype="string", **merged)
                cell.addElement(P(text=value or ""))
                line.addElement(cell if value else TableCell())
        table.addElement(line)
    book.spreadsheet.addElement(table)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_an_ods_is_read_with_its_types(room: Room) -> None:
    rows = [_typed_crime(1, **{"Complainant Ref": "00001"}), _typed_crime(2)]
    assert room.land_one(ods(rows), "crimes_2024-06-30.ods").accepted == 2
    assert room.raw("recorded_date, complainant_ref")[0] == (dt.date(2024, 6, 14), "00001")


def test_merged_cells_of_an_ods_are_held(room: Room) -> None:
    assert "merged cells" in _held(room, ods([crime()], numbercolumnsspanned="2"), "crimes_2024-06-30.ods")


def _parquet(rows: Sequence[dict[str, Any]]) -> bytes:
    out = io.BytesIO()
    columns = {name: [row[name] if row[name] != "" else None for row in rows] for name in rows[0]}
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


PARQUET = "crimes_2024-06-30.parquet"


def test_parquet_with_typed_columns_is_read(room: Room) -> None:
    rows = [_typed_crime(n, Dwelling=n == 1, Tags=["knife", "online"]) for n in (1, 2)]
    assert room.land_one(_parquet(rows), PARQUET).accepted == 2
    assert room.raw("recorded_date, is_dwelling, tags, _line") == [
        (dt.date(2024, 6, 14), True, "knife;online", 1),
        (dt.date(2024, 6, 14), False, "knife;online", 2),
    ]


def test_an_hour_in_a_parquet_date_is_not_dropped(room: Room) -> None:
    rows = [_typed_crime(n, **{"Recorded Date": dt.datetime(2024, 6, 14, 0 if n else 9)}) for n in range(30)]
    delivery = room.land_one(_parquet(rows), PARQUET)
    assert (delivery.accepted, delivery.quarantined) == (29, 1)


def test_parquet_moments_with_a_time_zone_are_held(room: Room) -> None:
    row = _typed_crime(**{"Recorded Date": dt.datetime(2024, 6, 14, tzinfo=dt.UTC)})
    assert "has a time zone" in _held(room, _parquet([row]), PARQUET)


def test_a_missing_parquet_column_holds_the_delivery(room: Room) -> None:
    row = {name: value for name, value in _typed_crime().items() if name != "Tags"}
    assert "Column 'Tags'" in _held(room, _parquet([row]), PARQUET)


@pytest.mark.parametrize("keep", [10, 200, -10])
def test_a_truncated_parquet_file_is_held(room: Room, keep: int) -> None:
    assert "Not a readable Parquet" in _held(room, _parquet([_typed_crime()])[:keep], PARQUET)


@pytest.mark.parametrize("form", ["xlsx", "ods", "parquet"])
def test_damaged_files_are_held_or_read_but_never_break_landing(room: Room, form: str) -> None:
    whole = {"xlsx": xlsx, "ods": ods, "parquet": _parquet}[form](crimes(20))
    for seed in range(25):
        content, chance = bytearray(whole), random.Random(seed)
        for _ in range(3):
            content[chance.randrange(4, len(content))] = chance.randrange(256)
        room.put(bytes(content), f"{seed}_2024-06-30.{form}")
    states = [delivery.state for delivery in room.land().deliveries]
    assert len(states) == 25 and "held" in states
