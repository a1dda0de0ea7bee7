"""A file that is not what it claims to be is refused whole, in words that mend it, and the other files still land."""

import gzip
import io
import zipfile
from typing import Any

import pytest
from openpyxl import Workbook

from warehouse.landing import returned

MARKER = "Zxqvmarker"
GOOD = "plan_id,person_id,start_date\nA1,P1,2024-03-01\nA2,P2,2024-03-02\n"
CIN = """<Message><Header><CollectionDetails><Collection>CIN</Collection><Year>2026</Year></CollectionDetails></Header>
<Children><Child><ChildIdentifiers><LAchildID>{marker}</LAchildID></ChildIdentifiers></Child></Children></Message>"""


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("plan.csv", GOOD)
    return buffer.getvalue()


def workbook(rows: list[list[Any]], sheet: str = "plan") -> bytes:
    buffer = io.BytesIO()
    book = Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    book.save(buffer)
    return buffer.getvalue()


M = MARKER
# Of SEN2 returns alone: test_returned.py.
RETURNED = {"unreadable", "incomplete_return", "other_council"}
BAD: dict[str, tuple[str, str | bytes, str, str]] = {
    # name: (path, content, reason, words that the message must have)
    "name nobody declares": ("ehc/plans of the year.csv", f"a\n{M}\n", "unknown_file", "ehc_plan"),
    "kind the source does not take": ("school_census/2026_spring_pupilonroll.xlsx", zipped(), "unknown_file", "CSV"),
    "packed as it was downloaded": ("ehc/ehc_plan.csv.gz", b"\x1f\x8b", "unknown_file", "Unpack the file"),
    "kind nobody takes": ("ehc/ehc_plan.pdf", b"%PDF-1.7", "unknown_file", "CSV, XLSX"),
    "empty": ("ehc/ehc_plan.csv", b"", "empty_file", "0 bytes"),
    "header only": ("ehc/ehc_plan.csv", "plan_id,person_id,start_date\n", "no_rows", "no row below"),
    "header and blank lines": ("ehc/ehc_plan.csv", "plan_id,person_id,start_date\r\n\r\n\r\n", "no_rows", "no row"),
    "no header": ("ehc/ehc_plan.csv", f"A1,{M},2024-03-01\nA2,P2,2024-03-02\n", "wrong_header", "no header"),
    "required column missing": ("ehc/ehc_plan.csv", f"plan_id,started\nA1,{M}\n", "wrong_header", "person_id"),
    "column misspelt": (
        "ehc/ehc_plan.csv",
        f"plan_id,persn_id,start_date\nA1,{M},2024-03-01\n",
        "wrong_header",
        "'persn_id' may be person_id",
    ),
    "header on line 4": (
        "ehc/ehc_plan.csv",
        f"EHC plans\nRun by {M}\n\n{GOOD}",
        "header_not_first",
        "Delete the 3 lines above",
    ),
    "total row": ("ehc/ehc_plan.csv", f"{GOOD}Total,,2\n", "total_row", "Delete the last row"),
    "grand total row": ("ehc/ehc_plan.csv", f'{GOOD}"Grand Total: 2",,\n', "total_row", "Delete the last row"),
    "total without a word": ("ehc/ehc_plan.csv", f"{GOOD},,2\n", "total_row", "Delete the last row"),
    "cut off in a row": ("ehc/ehc_plan.csv", f"{GOOD}A3,{M}", "truncated", "cut off"),
    "cut off in quotes": ("ehc/ehc_plan.csv", f'{GOOD}A3,"{M}\nA4,P4,x\n', "truncated", "line 4"),
    "ZIP called CSV": ("ehc/ehc_plan.csv", zipped(), "not_text", "ZIP"),
    "workbook called CSV": ("ehc/ehc_plan.csv", workbook([["plan_id"]]), "not_text", "Excel"),
    "gzip called CSV": ("ehc/ehc_plan.csv", gzip.compress(GOOD.encode()), "not_text", "gzip"),
    "PDF called CSV": ("ehc/ehc_plan.csv", b"%PDF-1.7 ...", "not_text", "PDF"),
    "web page called CSV": ("ehc/ehc_plan.csv", "<!DOCTYPE html><html>", "not_text", "web page"),
    "bytes called CSV": ("ehc/ehc_plan.csv", b"a,b\n\x00\x01\x02,c\n", "not_text", "zero bytes"),
    "neither encoding": ("ehc/ehc_plan.csv", GOOD.encode() + b"A3,\x8f,x\n", "bad_encoding", "line 4"),
    "two encodings": ("ehc/ehc_plan.csv", GOOD.encode() + b"A3,\xc3\xa9,\nA4,\xe9,\n", "bad_encoding", "line 5"),
    "UTF-16 cut off": ("ehc/ehc_plan.csv", GOOD.encode("utf-16")[:-1], "truncated", "UTF-16"),
    "UTF-32": ("ehc/ehc_plan.csv", GOOD.encode("utf-32"), "bad_encoding", "UTF-32"),
    "a line without end": ("ehc/ehc_plan.csv", f"{GOOD}A3,{M * 900_000}\n", "endless_line", "line 4"),
    "two headers for one column": (
        "ehc/ehc_plan.csv",
        f"plan_id,Plan ID,person_id,start_date\n1,2,{M},4\n",
        "duplicate_header",
        "'plan_id' and 'Plan ID'",
    ),
    "most rows broken": (
        "ehc/ehc_plan.csv",
        f"plan_id,person_id,start_date\n{M}\n{M}\nA,B,C\n",
        "too_many_rejects",
        "2 of 3",
    ),
    "areas of another year": (
        "geography/File_3_IoD2025.csv",
        f"LSOA code (2011)\n{M}\n",
        "wrong_vintage",
        "LSOA code (2021)",
    ),
    "JSON without end": ("boundary/wards.geojson", f'{{"{M}": ' + "[" * 200_000, "unsafe_json", "nested too deeply"),
    "CSV called XLSX": ("ehc/ehc_plan.xlsx", GOOD, "not_xlsx", ".csv"),
    "UTF-16 called XLSX": ("ehc/ehc_plan.xlsx", "plan_id\tä".encode("utf-16"), "not_xlsx", "a text file"),
    "anything called XLSX": ("ehc/ehc_plan.xlsx", b"\x07\x12\x9a plan", "not_xlsx", "something else, or damaged"),
    "ZIP called XLSX": ("ehc/ehc_plan.xlsx", zipped(), "not_xlsx", "ZIP"),
    "XLSX cut off": ("ehc/ehc_plan.xlsx", workbook([["plan_id"]])[:-40], "not_xlsx", "cut off"),
    "old or locked workbook": ("ehc/ehc_plan.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1", "not_xlsx", "password"),
    "empty XLSX": ("ehc/ehc_plan.xlsx", b"", "empty_file", "0 bytes"),
    "empty sheet": ("ehc/ehc_plan.xlsx", workbook([]), "empty_file", "sheet 1"),
    "sheet of a header": (
        "ehc/ehc_plan.xlsx",
        workbook([["plan_id", "person_id", "start_date"]]),
        "no_rows",
        "sheet 1",
    ),
    "sheet with a title": (
        "ehc/ehc_plan.xlsx",
        workbook([["Plans"], [M], [], ["plan_id", "person_id", "start_date"], ["A1", "P1", "x"]]),
        "header_not_first",
        "Delete the 3 lines above",
    ),
    "sheet with a total": (
        "ehc/ehc_plan.xlsx",
        workbook([["plan_id", "person_id", "start_date"], ["A1", M, "x"], ["Total", None, 1]]),
        "total_row",
        "row 3",
    ),
    "workbook of other sheets": ("ehc/everything.xlsx", workbook([[M]], "other"), "unknown_file", "ehc_plan"),
    "empty XML": ("cin/cin.xml", b"", "empty_file", "0 bytes"),
    "ZIP called XML": ("cin/cin.xml", zipped(), "not_text", "ZIP"),
    "XML cut off": ("cin/cin.xml", CIN.format(marker=M)[:-30], "truncated", "cut off"),
    "XML broken": ("cin/cin.xml", CIN.format(marker=f"<{M}>"), "not_well_formed", "line 2"),
    "XML not in its encoding": (
        "cin/cin.xml",
        CIN.format(marker=M).encode().replace(b"CIN<", b"CIN<!--\xe9--><"),
        "bad_encoding",
        "declared encoding",
    ),
    "another return": ("cin/cin.xml", CIN.format(marker=M).replace(">CIN<", ">SEN2<"), "wrong_root", "Collection CIN"),
    "another root": ("cin/cin.xml", f"<Letter><To>{M}</To></Letter>", "wrong_root", "<Message>"),
    "no children": (
        "cin/cin.xml",
        CIN.partition("<Children>")[0] + "<Children/></Message>",
        "no_rows",
        "Children/Child",
    ),
    "no year": ("cin/cin.xml", CIN.format(marker=M).replace("<Year>2026</Year>", ""), "wrong_header", "Year"),
    "entity bomb": (
        "cin/cin.xml",
        '<!DOCTYPE m [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>' + CIN.format(marker="&b;"),
        "xml_entities",
        "DOCTYPE",
    ),
    "outside entity": (
        "cin/cin.xml",
        '<!DOCTYPE m [<!ENTITY a SYSTEM "file:///etc/hostname">]>' + CIN.format(marker="&a;"),
        "xml_entities",
        "DOCTYPE",
    ),
    "document type in UTF-16": (
        "cin/cin.xml",
        ('<!DOCTYPE m [<!ENTITY a "ha">]>' + CIN.format(marker="&a;")).encode("utf-16"),
        "xml_entities",
        "DOCTYPE",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_quarantined_with_reason_and_mend(council: Any, case: str) -> None:
    path, content, reason, words = BAD[case]
    original = council.deliver(path, content)
    council.deliver("ehc/ehc_request.csv", "request_id,person_id\nR1,P1\n")
    report = council.land()
    receipts = [receipt for receipt in report.receipts if receipt.entity != "request"]
    assert {(r.status, r.reason_code) for r in receipts} == {("quarantined", reason)}
    assert {(r.rows_received, r.rows_loaded, r.rows_rejected) for r in receipts} == {(0, 0, 0)}
    for receipt in receipts:
        file = path.partition("/")[2]
        assert receipt.message.startswith(file) and words in receipt.message
        assert MARKER not in receipt.message
        assert len(receipt.message) > len(file) + 40, "a message says what is wrong and what to do"
        # The file stays where it is, and its bytes are kept.
        kept = council.home.originals / f"{receipt.file_hash}{original.suffix}"
        assert kept.read_bytes() == original.read_bytes()
    # The other file landed all the same, and nothing of the bad one is in raw.
    assert [r.status for r in report.receipts if r.entity == "request"] == ["loaded"]
    assert [row["request_id"] for row in council.rows("ehc.request")] == ["R1"]
    assert council.rows("ehc.plan") == [] and council.rows("cin.child") == []
    assert council.rejects() == []


@pytest.mark.parametrize("case", ["header on line 4", "cut off in quotes", "most rows broken", "sheet with a total"])
def test_quarantined_again_changes_nothing(council: Any, case: str) -> None:
    path, content, _, _ = BAD[case]
    council.deliver(path, content)
    council.land()
    before = council.tree()
    report = council.land()
    assert council.tree() == before
    assert report.new == frozenset() and len(report.quarantined) == 1


def test_mended_file_lands(council: Any) -> None:
    council.deliver("ehc/ehc_plan.csv", f"A title\n{GOOD}")
    council.land()
    council.deliver("ehc/ehc_plan.csv", GOOD)
    assert council.only(council.land()).is_loaded
    assert len(council.rows("ehc.plan")) == 2


def test_no_value_of_a_row_in_any_message(council: Any) -> None:
    """Privacy: whatever is wrong with a file, only the rejects table may hold what was in it."""
    for number, (path, content, _, _) in enumerate(BAD.values()):
        source, name = path.split("/")
        council.deliver(f"{source}/{number:02d}/{name}", content)
    council.deliver("ehc/ehc_request.csv", f"request_id,person_id\nR1,{MARKER}\n,{MARKER}\nR2,P,{MARKER}\nR3,P\n")
    lines: list[str] = []
    from warehouse import landing

    report = landing.land(council.settings, progress=lines.append)
    told = [*lines, *map(repr, report.receipts), *report.notes, *(reject["message"] for reject in council.rejects())]
    assert len(report.quarantined) > 40 and len(council.rejects()) == 2
    assert not [line for line in told if MARKER in line]
    assert all(MARKER in reject["raw_text"] for reject in council.rejects())


def test_a_fault_of_ours_names_the_file_and_not_the_row(council: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from warehouse import landing
    from warehouse.landing import csv_reader

    real = csv_reader.read

    def broken(file: str, *rest: Any) -> Any:
        if "plan" in file:
            raise ZeroDivisionError(MARKER)
        return real(file, *rest)

    monkeypatch.setattr(csv_reader, "read", broken)
    council.deliver("ehc/ehc_plan.csv", GOOD)
    council.deliver("ehc/ehc_request.csv", "request_id,person_id\nR1,P1\n")
    with pytest.raises(landing.LandingFailed) as failed:
        council.land()
    assert "inbox/ehc/ehc_plan.csv: ZeroDivisionError" in str(failed.value) and MARKER not in str(failed.value)
    assert [receipt.entity for receipt in failed.value.report.receipts] == ["request"]
    assert len(council.rows("ehc.request")) == 1
    monkeypatch.setattr(csv_reader, "read", real)
    assert {receipt.entity for receipt in council.land().receipts} == {"plan", "request"}


def test_readme_lists_every_reason() -> None:
    """Support reads the list; a reason that is missing from it cannot be looked up."""
    import re

    from warehouse.settings import REPOSITORY

    folder = REPOSITORY / "warehouse" / "landing"
    code = "".join(file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.py")))
    raised = set(re.findall(r'Quarantine\(\s*"(\w+)"', code)) | {"bad_encoding", "truncated"}
    rejected = set(re.findall(r'Reject\(\s*number,\s*"(\w+)"', code)) | set(returned.REFUSED)
    listed = set(re.findall(r"^\| `(\w+)` \|", (folder / "README.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert raised | rejected == listed
    # Those of profiles are in test_profiles.py.
    elsewhere = {"unknown_sheet", "incomplete_delivery", "broken_expression", *RETURNED}
    assert {reason for _, _, reason, _ in BAD.values()} | elsewhere == raised, "each reason has a bad file"


def test_what_its_name_says_of_the_period_is_known_of_a_refused_file(council: Any) -> None:
    """By it freshness knows whose file is in quarantine, where an extract has several suppliers."""
    council.deliver("csds/RX1_202603_CYP101Referral.csv", "nonsense\n1\n")
    receipt = council.only(council.land())
    assert (receipt.is_quarantined, receipt.entity, receipt.period) == (True, "referral", "RX1/202603")
