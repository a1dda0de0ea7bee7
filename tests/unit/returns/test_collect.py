"""COLLECT's nine CSV files as we write them: their names, columns, keys and dates, and that they can be read back.

It matters because last year's export is a source, and a file that is only nearly COLLECT's is read wrongly elsewhere.
Resolve: columns come from element.csv; keys, order and dates from section 6.3 of the reference.
"""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.unit.returns import sen2_records
from tests.unit.returns.sen2_mart import YEARS
from warehouse import duck
from warehouse.returns import collect, layout
from warehouse.returns.writer import Writer, rows_of

# Section 6.3: file → parent, data columns. Marks: a year from which, or the only year in which, there is the column.
FILES = {
    "sen2": (
        "",
        "collection year referencedate sourcelevel lea softwarecode release serialno datetime dmo dco dsco>25",
    ),
    "person": (
        "sen2",
        "surname forename personbirthdate gendercurrent=23 sex>24 ethnicity postcode upn uniquelearnernumber "
        "upnunknown",
    ),
    "requests": (
        "person",
        "receiveddate requestsource>25 rya requestoutcomedate requestoutcome requestmediation requesttribunal exported",
    ),
    "assessment": (
        "requests",
        "assessmentoutcome assessmentoutcomedate assessmentmediation assessmenttribunal othermediation othertribunal "
        "week20",
    ),
    "namedplan": ("assessment", "startdate planres planwbp pb oa dp ceasedate ceasereason"),
    "plandetail": (
        "namedplan",
        "urn ukprn sensetting sensettingother placementrank senunitindicator resourcedprovisionindicator",
    ),
    "activeplans": (
        "requests",
        "transferla res=23 wbp=23 reviewmeeting>24 reviewoutcome>24 reviewdraft>25 phasetransferduedate>25 "
        "phasetransferfinaldate>25 lastreview",
    ),
    "placementdetail": (
        "activeplans",
        "urn ukprn sensetting sensettingother placementrank entrydate leavingdate attendancepattern=23 "
        "senunitindicator resourcedprovisionindicator res>24 wbp>24",
    ),
    "senneed": ("activeplans", "sentype sentyperank"),
}


def exported(
    folder: Path, database: Path, year: int = 2026, day: date = date(2026, 2, 3)
) -> dict[str, list[list[str]]]:
    """Table → rows of its file, the headings first."""
    message = layout.message(year, demonstration=True)
    with duck.reader(database) as connection, collect.Export(message, folder / "collect", day) as export:
        Writer(message, rows_of(connection, "sen2", year), export).write(folder / "return.xml")
    found = {}
    for file in (folder / "collect").iterdir():
        assert file.name.startswith(f"Blade-Export_{day:%d-%m-%Y}_")
        with file.open(encoding="utf-8", newline="") as handle:
            found[file.stem.rpartition("_")[2]] = list(csv.reader(handle))
    return found


@pytest.mark.parametrize("year", YEARS)
def test_columns(year: int) -> None:
    def there(mark: str) -> bool:
        if "=" in mark:
            return year == 2000 + int(mark.partition("=")[2])
        return ">" not in mark or year >= 2000 + int(mark.partition(">")[2])

    expected = {}
    for table, (parent, columns) in FILES.items():
        keys = [f"{table}tableid", "NativeId", f"{table}orderseqcolumn", "sourceid"]
        keys += [f"{parent}tableid"] if parent else []
        named = [mark.partition(">")[0].partition("=")[0] for mark in columns.split() if there(mark)]
        expected[table] = (*keys, *named)
    assert collect.tables(layout.message(year)) == expected


def test_a_return_as_nine_files(tmp_path: Path) -> None:
    found = exported(tmp_path, sen2_records.database(tmp_path / "small.duckdb"))
    assert set(found) == set(FILES)
    rows = {table: [dict(zip(lines[0], line, strict=True)) for line in lines[1:]] for table, lines in found.items()}
    assert {table: len(lines) for table, lines in rows.items()} == {
        "sen2": 1,
        "person": 2,
        "requests": 3,
        "assessment": 1,
        "namedplan": 1,
        "plandetail": 2,
        "activeplans": 1,
        "placementdetail": 1,
        "senneed": 2,
    }
    (header,) = rows["sen2"]
    assert (header["year"], header["referencedate"], header["datetime"], header["serialno"]) == (
        "2026",
        "2026-Jan-15 00:00:00",
        "2026-Feb-02 09:30:00",
        "001",
    )
    first, second = rows["person"]
    assert (first["surname"], first["personbirthdate"]) == ("O'Brien-Ngũgĩ & <Sons>", "2016-Feb-29 00:00:00")
    assert (first["persontableid"], second["persontableid"], second["sen2tableid"]) == ("1", "2", "1")
    assert [
        (row["requeststableid"], row["persontableid"], row["requestsorderseqcolumn"]) for row in rows["requests"]
    ] == [
        ("1", "1", "1"),
        ("2", "2", "1"),
        ("3", "2", "2"),
    ]
    assert [(row["sentype"], row["activeplanstableid"], row["senneedorderseqcolumn"]) for row in rows["senneed"]] == [
        ("ASD", "1", "1"),
        ("DS", "1", "2"),
    ]
    assert second["upn"] == ""


def test_a_code_that_the_xml_leaves_out_is_left_out_here(tmp_path: Path) -> None:
    rows: tuple[tuple[str, dict[str, Any]], ...] = (
        sen2_records.SMALL[0],
        ("person", {"person_record_id": "1", "Surname": "Hill", "UPNunknown": "UN4", "Sex": "F"}),
    )
    (headings, person) = exported(tmp_path, sen2_records.database(tmp_path / "small.duckdb", rows))["person"]
    values = dict(zip(headings, person, strict=True))
    assert (values["sex"], values["upnunknown"]) == ("F", "")


def test_what_goes_wrong_on_the_way_is_not_hidden_by_the_files(tmp_path: Path) -> None:
    message = layout.message(2026)
    with (
        pytest.raises(OSError, match="disk is full"),
        collect.Export(message, tmp_path, date(2026, 2, 3)),
    ):
        raise OSError("the disk is full")
    header = tmp_path / "Blade-Export_03-02-2026_sen2.csv"
    assert len(header.read_text(encoding="utf-8").splitlines()) == 1
    header.unlink()  # an open file could not be removed on Windows
