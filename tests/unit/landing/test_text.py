"""Every encoding, delimiter and spelling of a header gives the same rows; a wrong guess would garble names unseen."""

import itertools
from typing import Any

import pytest

from warehouse.landing import encoding

HEADER = ["plan_id", "person_id", "start_date", "work_based_activity"]
ROWS = [
    ["A1", "P1", "2024-03-01", "café, naïve"],
    ["A2", "P2", "2024-03-02", 'says "yes"; or | no'],
    ["A3", "P3", "2024-03-03", ""],
    ["A4", "P4", "2024-03-04", "two\nlines"],
]
WRITTEN = {
    "utf-8": ("utf-8", "utf-8"),
    "utf-8 with byte order mark": ("utf-8-sig", "utf-8"),
    "utf-16 with byte order mark": ("utf-16", "utf-16-le"),
    "utf-16 big endian with byte order mark": (None, "utf-16-be"),
    "utf-16 little endian, unmarked": ("utf-16-le", "utf-16-le"),
    "utf-16 big endian, unmarked": ("utf-16-be", "utf-16-be"),
    "cp1252": ("cp1252", "cp1252"),
}
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}


def text(delimiter: str, newline: str = "\n", header: list[str] = HEADER) -> str:
    def cell(value: str) -> str:
        return '"' + value.replace('"', '""') + '"' if set(value) & {delimiter, '"', "\n"} else value

    return "".join(delimiter.join(cell(value) for value in row) + newline for row in [header, *ROWS])


def as_bytes(content: str, how: str) -> bytes:
    codec, _ = WRITTEN[how]
    return content.encode(codec) if codec else b"\xfe\xff" + content.encode("utf-16-be")


def landed(council: Any) -> list[tuple]:
    names = "plan_id, person_id, start_date, work_based_activity, _source_row"
    return [tuple(row.values()) for row in council.rows("ehc.plan", names)]


def expected() -> list[tuple]:
    return [(*(value or None for value in row), number) for number, row in enumerate(ROWS, start=2)]


@pytest.mark.parametrize(("how", "delimiter"), list(itertools.product(WRITTEN, DELIMITERS)))
def test_encoding_and_delimiter(council: Any, how: str, delimiter: str) -> None:
    council.deliver("ehc/ehc_plan.csv", as_bytes(text(DELIMITERS[delimiter]), how))
    receipt = council.only(council.land())
    assert (receipt.status, receipt.message) == ("loaded", "")
    assert (receipt.encoding, receipt.delimiter) == (WRITTEN[how][1], delimiter)
    assert (receipt.rows_received, receipt.rows_loaded, receipt.rows_rejected) == (4, 4, 0)
    assert landed(council) == expected()


@pytest.mark.parametrize("newline", ["\r\n", "\n"])
@pytest.mark.parametrize("how", ["utf-8", "utf-16 with byte order mark", "cp1252"])
def test_line_ends(council: Any, newline: str, how: str) -> None:
    council.deliver("ehc/ehc_plan.csv", as_bytes(text(",", newline), how))
    council.land()
    assert landed(council) == expected()


@pytest.mark.parametrize("how", ["utf-8", "utf-16 with byte order mark", "cp1252"])
def test_carriage_returns_alone(council: Any, how: str) -> None:
    council.deliver("ehc/ehc_plan.csv", as_bytes("plan_id,person_id,start_date\rA1,P1,2024-03-01\rA2,P2,x\r", how))
    assert council.only(council.land()).rows_loaded == 2


@pytest.mark.parametrize(
    "header",
    [
        ["Plan ID", "PERSON_ID", "Start Date", "Work-based activity"],
        [" plan_id ", "ChildID", "START DATE", "WorkBasedActivity"],
        ["planid", "personid", "startdate", "workbasedactivity"],
    ],
)
def test_header_spelling(council: Any, header: list[str]) -> None:
    header = ["person_id" if name == "ChildID" else name for name in header]
    council.deliver("ehc/ehc_plan.csv", text(",", header=header))
    council.land()
    assert landed(council) == expected()


def test_header_aliases(council: Any) -> None:
    """ehc.person declares ChildID, DOB and Gender as other names of its columns."""
    council.deliver("ehc/ehc_person.csv", "Surname,ChildID,Forename,DOB,Gender\nSmith,7,Ann,2015-02-03,F\n")
    council.land()
    (row,) = council.rows("ehc.person", "person_id, surname, forename, birth_date, sex, postcode")
    assert tuple(row.values()) == ("7", "Smith", "Ann", "2015-02-03", "F", None)


def test_blanks_around_values(council: Any) -> None:
    council.deliver("ehc/ehc_plan.csv", "plan_id,person_id,start_date\n A1 ,\tP1, 2024-03-01\u00a0\nA2,   ,x\n")
    council.land()
    assert [tuple(r.values()) for r in council.rows("ehc.plan", "plan_id, person_id, start_date")] == [
        ("A1", "P1", "2024-03-01"),
        ("A2", None, "x"),
    ]


def test_padding_is_seen_across_chunks(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "CHUNK", 4)
    file = tmp_path / "f"
    file.write_bytes(b"abc ,d\nx,y\n")
    assert encoding.survey(file, ",") == encoding.Survey(records=2, ends_with_newline=True, is_padded=True)
    file.write_bytes(b'ab,"c\nd"\nx,y\n\n\n')
    assert encoding.survey(file, ",") == encoding.Survey(
        records=2, ends_with_newline=True, is_padded=True, has_quotes=True
    )
    file.write_bytes(b"ab,c d\r\nx,y\r\n")
    assert encoding.survey(file, ",") == encoding.Survey(records=2, ends_with_newline=True, is_padded=False)
    file.write_bytes(b"ab,c\nx,y")
    assert encoding.survey(file, ",") == encoding.Survey(records=2, ends_with_newline=False, is_padded=False)


def test_accents_across_chunks(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A character cut in two by a chunk is still one character."""
    monkeypatch.setattr(encoding, "CHUNK", 3)
    for how in WRITTEN:
        file = tmp_path / "é.csv"
        file.write_bytes(as_bytes("a,é\nbb,é\n", how))
        found = encoding.detect("f", file)
        assert encoding.as_utf8(file, found, tmp_path).read_text(encoding="utf-8-sig") == "a,é\nbb,é\n", how


def test_every_value_is_text(council: Any) -> None:
    """Leading zeros, dates and exponents stay as they were typed."""
    council.deliver("ehc/ehc_plan.csv", "plan_id,person_id,start_date\n0012,1E5,01/02/2024\n")
    council.land()
    assert [tuple(r.values()) for r in council.rows("ehc.plan", "plan_id, person_id, start_date")] == [
        ("0012", "1E5", "01/02/2024")
    ]
