"""What the command says: exit codes that a script can trust, JSON that it can read, and no child's value anywhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from openpyxl import load_workbook

from tests.unit.returns import sen2_files
from tests.unit.returns.sen2_files import case
from tests.unit.returns.sen2_mart import YEARS
from warehouse import cli

YEAR = 2026
KEYS = [
    "file", "rule", "level", "kind", "module", "path", "person", "line", "elements", "message", "what_to_do",
]  # fmt: skip


def returned(folder: Path, *cases: Any, year: int = YEAR, name: str = "return.xml") -> str:
    return str(sen2_files.write(folder / name, sen2_files.xml(list(cases), year)))


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize(
    ("changes", "code", "rules"),
    [
        ("", 0, set()),
        ("requests.RequestOutcomeDate = CS+73d", 0, {"SEN2-R15"}),  # 43 days: told late, a warning
        ("person.PostCode =", 1, {"SEN2-P11"}),
        ("person.Ethnicity = NONE", 2, {"SEN2-P08"}),
        ("person.PostCode = ; person.Ethnicity = NONE", 2, {"SEN2-P08", "SEN2-P11"}),
    ],
    ids=["clean", "a warning is clean", "a query", "an error", "an error and a query"],
)
def test_exit_codes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: str, code: int, rules: set[str]
) -> None:
    file = returned(tmp_path, case("issued", changes))
    assert cli.main(["check", file, "--demonstration", "--format", "json"]) == code
    assert {line["rule"] for line in lines(capsys)} == rules


@pytest.mark.parametrize("text", ["", "<Message>", "<!DOCTYPE m><Message/>", "<Message/>"])
def test_a_file_that_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    """The last has no year; the others are no XML, or more than XML."""
    broken = str(sen2_files.write(tmp_path / "broken.xml", text))
    assert cli.main(["check", broken]) == 3
    assert "broken.xml was not checked" in capsys.readouterr().err
    sound = returned(tmp_path, case("asked"))
    assert cli.main(["check", broken, sound, "--demonstration", "--format", "json"]) == 3
    assert lines(capsys)[0]["level"] == "unreadable"


def test_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", str(tmp_path / "none.xml")]) == 3
    assert "none.xml" in capsys.readouterr().err


def test_a_fault_of_ours_is_never_taken_for_a_clean_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from warehouse.returns.check import rules

    def fail(*_values: Any) -> None:
        raise RuntimeError("Smith")

    monkeypatch.setattr(rules, "run", fail)
    assert cli.main(["check", returned(tmp_path, case("asked"))]) == 3
    assert "Smith" not in capsys.readouterr().err


def test_json_of_a_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The second person's placement has no start: rule L07 of the reference, on the placement's own line."""
    file = returned(tmp_path, case("asked"), case("issued", "placement_detail.EntryDate ="))
    assert cli.main(["check", file, "--demonstration", "--format", "json"]) == 2
    found = [line for line in lines(capsys) if line["rule"] == "SEN2-L07"]
    text = Path(file).read_text(encoding="utf-8")
    assert list(found[0]) == KEYS
    assert {key: found[0][key] for key in KEYS[:9]} == {
        "file": "return.xml",
        "rule": "SEN2-L07",
        "level": "error",
        "kind": "rule",
        "module": "placement_detail",
        "path": "/Message/Persons/Person[2]/Requests[1]/ActivePlans/PlacementDetail[1]",
        "person": 2,
        "line": sen2_files.line_of(text, "<PlacementDetail>"),
        "elements": ["EntryDate"],
    }
    (element,) = etree.parse(file).xpath(found[0]["path"])
    assert (element.tag, element.sourceline) == ("PlacementDetail", found[0]["line"])


def test_json_of_a_fault_of_structure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = returned(tmp_path, case("asked"))
    text = Path(file).read_text(encoding="utf-8").replace("<Forename>", "<Nickname>x</Nickname>\n<Forename>")
    sen2_files.write(Path(file), text)
    assert cli.main(["check", file, "--demonstration", "--format", "json"]) == 2
    (found,) = lines(capsys)
    assert (found["rule"], found["kind"], found["elements"]) == ("SEN2-H12", "unknown_element", ["Nickname"])
    line = sen2_files.line_of(text, "<Nickname>")
    assert (found["person"], found["line"]) == (1, line)
    cli.main(["check", file, "--demonstration"])
    assert f"person 1, line {line}, Nickname\n" in capsys.readouterr().out, "which element it is, is not said"


def test_a_reader_that_has_had_enough_ends_it_quietly(tmp_path: Path) -> None:
    """`check … --format json | head`: neither an error message nor a code that says something of the file."""
    file = returned(tmp_path, case("issued", "person.PostCode ="))
    reads, writes = os.pipe()
    os.close(reads)
    command = [sys.executable, "-m", "warehouse.cli", "check", file, "--demonstration", "--format", "json"]
    with os.fdopen(writes, "wb") as closed:
        ended = subprocess.run(command, stdout=closed, stderr=subprocess.PIPE, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (cli.READER_GONE, "")


@pytest.mark.parametrize("year", YEARS)
def test_a_sound_file_of_each_year_is_clean(tmp_path: Path, capsys: pytest.CaptureFixture[str], year: int) -> None:
    people = [case(base) for base in ("issued", "asked", "refused", "not_issued", "standing", "ceased")]
    file = returned(tmp_path, *people, year=year)
    assert cli.main(["check", file, "--demonstration"]) == 0
    said = capsys.readouterr().out
    assert f"SEN2 {year}" in said
    assert "Nothing found" in said
    assert ("provisional" in said) == (year == 2027)


def test_another_year_than_the_header_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = returned(tmp_path, case("asked"), year=2025)
    assert cli.main(["check", file, "--year", "2026", "--demonstration", "--format", "json"]) == 2
    assert {"SEN2-H02", "SEN2-H03"} <= {line["rule"] for line in lines(capsys)}
    assert cli.main(["check", file, "--year", "2031"]) == 3
    assert "no collection 2031" in capsys.readouterr().err


def test_the_invented_council_is_none_of_england(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", returned(tmp_path, case("asked")), "--format", "json"]) == 2
    assert [line["rule"] for line in lines(capsys)] == ["SEN2-H05"]


def test_text_counts_places_and_the_want_of_a_register(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = returned(tmp_path, *[case("issued", "person.PostCode =") for _ in range(5)])
    cli.main(["check", file, "--demonstration"])
    said = capsys.readouterr().out
    assert "0 errors, 5 queries, 0 warnings" in said
    assert "Without a register" in said
    assert "person 1, line" in said
    assert "and 2 more" in said


def test_nothing_of_a_child_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    values = ("Quimby", "Zebedee", "QQ99 9QQ", "X999999999999", "BARNDANCE", "SECRETNEED")
    wrong = (
        f"person.Surname = {values[0]}; person.Forename = {values[1]}; person.PostCode = {values[2]}; "
        f"person.UPN = {values[3]}; person.Ethnicity = {values[4]}; sen_need.SENtype = {values[5]}"
    )
    file = returned(tmp_path, case("issued", wrong))
    text = Path(file).read_text(encoding="utf-8").replace("<Requests>", "Quimby<Requests>")
    sen2_files.write(Path(file), text)
    for form in ("text", "json"):
        assert cli.main(["check", file, "--demonstration", "--format", form]) == 2
        told = capsys.readouterr()
        for value in values:
            assert value not in told.out + told.err


def test_a_page_and_a_workbook(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two people without a postcode and one with a code of no list: three findings, two rules, worst first."""
    wrong = [case("issued", "person.PostCode ="), case("asked", "person.PostCode = ; person.Ethnicity = NONE")]
    folder = tmp_path / "report"
    assert cli.main(["check", returned(tmp_path, *wrong), "--demonstration", "--report", str(folder)]) == 2
    assert {file.name for file in folder.iterdir()} == {"return_check.html", "return_check.xlsx"}
    book = load_workbook(folder / "return_check.xlsx")
    assert book.sheetnames == ["Summary", "About", "Findings"]
    summary = list(book["Summary"].iter_rows(min_row=2, values_only=True))
    assert [row[:3] for row in summary] == [("error", "SEN2-P08", 1), ("query", "SEN2-P11", 2)]
    found = list(book["Findings"].iter_rows(min_row=2, values_only=True))
    assert [(row[1], row[2], row[3]) for row in found] == [
        ("error", "SEN2-P08", 2),
        ("query", "SEN2-P11", 1),
        ("query", "SEN2-P11", 2),
    ]
    page = (folder / "return_check.html").read_text(encoding="utf-8")
    assert "SEN2-P11" in page
    assert "1 error, 2 queries, 0 warnings" in page
    assert "Hill0" not in page
    assert "http" not in page
    capsys.readouterr()


def test_a_page_of_a_clean_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", returned(tmp_path, case("asked")), "--demonstration", "--report", str(tmp_path)]) == 0
    assert "Nothing found" in (tmp_path / "return_check.html").read_text(encoding="utf-8")
    assert "Nothing found" in capsys.readouterr().out
