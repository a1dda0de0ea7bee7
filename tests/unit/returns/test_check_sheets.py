"""COLLECT's nine CSV files and the workbook that councils prepare: the same records and findings as the XML.

The columns below are those of section 6.3 of the reference, for 2026, and not of our rows. Resolve: the first row that
differs from the XML's shows which column or id was read wrongly.
"""

from __future__ import annotations

import csv
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from openpyxl import Workbook

from tests.unit.returns import sen2_files
from tests.unit.returns.sen2_files import case
from warehouse import cli
from warehouse.returns.check import judge, rules, sheets

YEAR = 2026
COLUMNS = {
    "sen2": "collection year referencedate sourcelevel lea softwarecode release serialno datetime dmo dco dsco",
    "person": "surname forename personbirthdate sex ethnicity postcode upn uniquelearnernumber upnunknown",
    "requests": "receiveddate requestsource rya requestoutcomedate requestoutcome requestmediation requesttribunal "
    "exported",
    "assessment": "assessmentoutcome assessmentoutcomedate assessmentmediation assessmenttribunal othermediation "
    "othertribunal week20",
    "namedplan": "startdate planres planwbp pb oa dp ceasedate ceasereason",
    "plandetail": "urn ukprn sensetting sensettingother placementrank senunitindicator resourcedprovisionindicator",
    "activeplans": "transferla reviewmeeting reviewoutcome reviewdraft phasetransferduedate phasetransferfinaldate "
    "lastreview",
    "placementdetail": "urn ukprn sensetting sensettingother placementrank entrydate leavingdate senunitindicator "
    "resourcedprovisionindicator res wbp",
    "senneed": "sentype sentyperank",
}  # fmt: skip
PARENT = {
    "person": "sen2",
    "requests": "person",
    "assessment": "requests",
    "namedplan": "assessment",
    "plandetail": "namedplan",
    "activeplans": "requests",
    "placementdetail": "activeplans",
    "senneed": "activeplans",
}
SHEETS = {
    "person": "Person",
    "requests": "Requests",
    "assessment": "Assessments",
    "namedplan": "Named Plan",
    "plandetail": "Plan Detail",
    "activeplans": "Active Plan",
    "placementdetail": "Placement Detail",
    "senneed": "SEN Need",
}
PEOPLE = [
    case("issued"),
    case("standing", "person.PostCode = ; placement_detail.Res = Z"),
    case("asked"),
    case("ceased"),
]


def tables(text: str) -> dict[str, list[dict[str, str]]]:
    """The elements of an XML file as COLLECT keeps them: a table each, an id each, and the id of the one above."""
    found: dict[str, list[dict[str, str]]] = {name: [] for name in COLUMNS}

    def visit(element: Any, name: str, above: dict[str, str]) -> None:
        row = {
            f"{name}tableid": str(1000 + len(found[name])),
            "nativeid": "",
            f"{name}orderseqcolumn": "",
            "sourceid": "",
        }
        if name in PARENT:
            row[f"{PARENT[name]}tableid"] = above[f"{PARENT[name]}tableid"]
        row |= dict.fromkeys(COLUMNS[name].split(), "")
        row |= {child.tag.lower(): child.text for child in element if child.tag.lower() in row}
        found[name].append(row)
        for child in element:
            if child.tag.lower() in COLUMNS:
                visit(child, child.tag.lower(), above | {f"{name}tableid": row[f"{name}tableid"]})

    root = etree.fromstring(text.encode())
    header = root.find("Header")
    flat = etree.Element("Header")
    flat.extend([item for part in header for item in part])
    visit(flat, "sen2", {})
    for person in root.find("Persons"):
        visit(person, "person", {"sen2tableid": "1000"})
    return found


def as_collect(value: str) -> str:
    try:
        return date.fromisoformat(value).strftime("%Y-%b-%d 00:00:00")
    except ValueError:
        return value


def export(folder: Path, text: str) -> Path:
    """The nine files of COLLECT's export."""
    folder.mkdir(exist_ok=True)
    for name, rows in tables(text).items():
        with (folder / f"Blade-Export_05-02-2026_{name}.csv").open("w", encoding="utf-8", newline="") as handle:
            sheet = csv.writer(handle)
            sheet.writerow(rows[0])
            sheet.writerows([[as_collect(value) for value in row.values()] for row in rows])
    return folder


def workbook(file: Path, text: str) -> Path:
    """The workbook of section 6.4: no header, the ids of person and request alone, dates as Excel has them."""
    book = Workbook()
    book.remove(book.active)
    found = tables(text)
    requests: dict[str, dict[str, str]] = {}
    for name, title in SHEETS.items():
        sheet = book.create_sheet(title)
        ids = ["persontableid"] if name == "person" else ["persontableid", "requeststableid"]
        sheet.append([*ids, *COLUMNS[name].split()])
        for row in found[name]:
            above = row if name in ("person", "requests") else requests[row[f"{PARENT[name]}tableid"], PARENT[name]]
            requests[row[f"{name}tableid"], name] = above
            values = [row[column] for column in COLUMNS[name].split()]
            sheet.append([*(int(above[one]) for one in ids), *(as_excel(value) for value in values)])
    book.save(file)
    return file


def as_excel(value: str) -> Any:
    try:
        return datetime.fromisoformat(value) if "-" in value else float(value)
    except ValueError:
        return value or None


def records(path: Path, **options: Any) -> dict[str, list[tuple[Any, ...]]]:
    with judge.judge(path, demonstration=True, **options) as judged:
        assert judged.people == len(PEOPLE)
        found = {
            name: judged.rows(f"select * exclude (source_file, source_row) from {name} order by all")
            for name in rules.RECORDS[1:]
        }
        found["finding"] = judged.rows(
            f"select flag, level, person_record_id, request_record_id, record_id from {rules.FINDINGS} order by all"
        )
    return found


@pytest.fixture
def text() -> str:
    return sen2_files.xml(PEOPLE, YEAR)


def test_collects_export_is_the_xml(tmp_path: Path, text: str) -> None:
    expected = records(sen2_files.write(tmp_path / "return.xml", text))
    assert records(export(tmp_path / "blade", text)) == expected
    assert {flag for flag, *_ in expected["finding"]} == {"p11", "l16"}


def test_the_workbook_is_the_xml(tmp_path: Path, text: str) -> None:
    expected = records(sen2_files.write(tmp_path / "return.xml", text))
    assert records(workbook(tmp_path / "pre.xlsx", text), year=YEAR) == expected


def test_a_sound_export_has_no_fault_and_its_header_is_judged(tmp_path: Path, text: str, capsys: Any) -> None:
    folder = export(tmp_path / "blade", text)
    assert cli.main(["check", str(folder), "--demonstration"]) == 2
    said = capsys.readouterr().out
    assert "SEN2 2026" in said
    assert "SEN2-L16" in said
    assert "H12" not in said
    file = folder / "Blade-Export_05-02-2026_sen2.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("SEN2", "SEN3"), encoding="utf-8")
    cli.main(["check", str(folder), "--demonstration"])
    assert "SEN2-H01" in capsys.readouterr().out


def test_a_workbook_needs_a_year_and_has_no_header(tmp_path: Path, text: str, capsys: Any) -> None:
    file = str(workbook(tmp_path / "pre.xlsx", text))
    assert cli.main(["check", file]) == 3
    assert "--year" in capsys.readouterr().err
    assert cli.main(["check", file, "--year", "2026"]) == 2
    said = capsys.readouterr().out
    assert "no header" in said
    assert "SEN2-H" not in said


@pytest.mark.parametrize(
    ("table", "change", "kind", "element"),
    [
        ("person", lambda rows: rows[0].update(nickname="x"), "unknown_element", "nickname"),
        ("person", lambda rows: [row.pop("ethnicity") for row in rows], "missing", "Ethnicity"),
        ("person", lambda rows: [row.update(gendercurrent="1") for row in rows], "other_year", "gendercurrent"),
        ("person", lambda rows: rows[0].update(personbirthdate="2015-Feb-30"), "not_a_date", "PersonBirthDate"),
        ("senneed", lambda rows: rows[0].update(activeplanstableid="9"), "no_parent", "SENneed"),
        ("assessment", lambda rows: rows.append(rows[0]), "repeated", "Assessment"),
    ],
    ids=["unknown column", "missing column", "other year", "no date", "orphan", "two of one"],
)  # fmt: skip
def test_faults_of_tables(tmp_path: Path, text: str, table: str, change: Any, kind: str, element: str) -> None:
    folder = export(tmp_path / "blade", text)
    rows = [row | {name: as_collect(value) for name, value in row.items()} for row in tables(text)[table]]
    change(rows)
    with (folder / f"Blade-Export_05-02-2026_{table}.csv").open("w", encoding="utf-8", newline="") as handle:
        sheet = csv.DictWriter(handle, list(rows[0]), restval="")
        sheet.writeheader()
        sheet.writerows(rows)
    with judge.judge(folder, demonstration=True) as judged:
        found = [(finding.kind, finding.elements) for finding in judged.findings() if finding.kind != "rule"]
    assert found == [(kind, (element,))]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda data: data.decode().encode("utf-16"), "person.csv holds bytes"),
        (lambda data: data.replace(b"Ada", b"A\0a", 1), "person.csv holds bytes"),
        (lambda data: data.replace(b"Ada", b"A\x81a", 1), "person.csv holds bytes"),
        (lambda data: data.replace(b",", b";"), "person.csv has no headings"),
        (lambda data: data.partition(b"\n")[2], "person.csv has no headings"),
        (lambda data: data.replace(b"Ada", b'"Ada', 1), "quotation mark"),
        (lambda data: data.replace(b"Ada", b"A" * 1_000_000, 1), "very long text"),
        (lambda data: data.replace(b"Ada", b"Ada,Ada", 1), "record 2: 15 values under 14 headings"),
    ],
    ids=["utf-16", "nought", "no cp1252", "semicolons", "no headings", "quotation mark", "endless", "ragged"],
)
def test_a_table_that_cannot_be_read_is_named_and_not_quoted(
    tmp_path: Path, text: str, change: Any, said: str, capsys: Any
) -> None:
    csv.field_size_limit(1 << 30)  # as scipy leaves it, when it was imported before
    file = export(tmp_path / "blade", text) / "Blade-Export_05-02-2026_person.csv"
    file.write_bytes(change(file.read_bytes()))
    assert cli.main(["check", str(tmp_path / "blade"), "--demonstration"]) == 3
    refused = capsys.readouterr().err
    assert said in refused
    assert not any(value in refused for value in ("Ada", "AAA", "Hill"))


def test_an_export_in_capitals_is_read(tmp_path: Path, text: str) -> None:
    folder = export(tmp_path / "blade", text)
    for file in list(folder.iterdir()):
        file.rename(folder / file.name.upper())
    with judge.judge(folder, demonstration=True) as judged:
        assert judged.people == len(PEOPLE)


def test_two_people_of_one_id_are_told_with_file_and_line(tmp_path: Path, text: str) -> None:
    """What belongs to the id stays with the first, so that no request is lost."""
    folder = export(tmp_path / "blade", text)
    file = folder / "Blade-Export_05-02-2026_person.csv"
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join([*lines, lines[1]]), encoding="utf-8")
    with judge.judge(folder, demonstration=True) as judged:
        (told,) = (finding for finding in judged.findings() if finding.kind != "rule")
        assert judged.rows("select count(*) from sen2__requests where person_record_id = '00000001'") == [(1,)]
    assert (told.kind, told.file, told.line, told.person) == ("same_id", file.name, 6, 5)


def test_what_is_no_export_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(judge.Unreadable, match="no tables of people"):
        sheets.year_of(tmp_path)
    folder = export(tmp_path / "blade", text)
    (folder / "Blade-Export_06-02-2026_person.csv").write_bytes(
        (folder / "Blade-Export_05-02-2026_person.csv").read_bytes()
    )
    with pytest.raises(judge.Unreadable, match="two exports"):
        sheets.year_of(folder)
    (tmp_path / "no.xlsx").write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(judge.Unreadable, match="workbook"):
        sheets.year_of(tmp_path / "no.xlsx")
    # What Excel writes when it encrypts a workbook is no ZIP file but the container that .xls files had.
    (tmp_path / "locked.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    with pytest.raises(judge.Unreadable, match="without a password"):
        sheets.year_of(tmp_path / "locked.xlsx")
