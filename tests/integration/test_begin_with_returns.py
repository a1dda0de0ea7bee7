"""A council that has nothing but the returns it sent: it gets its records, findings and tables, and may compare years.

Last year's return is the one of the demonstration county, so what lands is known record by record; the one of the year
before is made by hand, as COLLECT exports it. Resolve: the first record that differs shows what was read wrongly.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.returns import sen2_files
from tests.unit.returns.sen2_files import case
from tests.unit.returns.test_check_sheets import export
from warehouse import duck, home, pipeline
from warehouse.returns import layout
from warehouse.settings import Settings

if TYPE_CHECKING:
    from tests.conftest import County

SENT = 2026
# Whom only the return before holds: a plan in force and an open request, and a plan that had ended.
BEFORE = [case("standing"), case("asked"), case("ceased")]
# Where each record belongs, by what both sides call the same.
UNDER_A_PERSON = """
    inner join sen2.sen2__person as person
        on record.collection_year = person.collection_year and record.person_record_id = person.person_record_id"""
UNDER_A_REQUEST = f"""{UNDER_A_PERSON}
    inner join sen2.sen2__requests as request
        on record.collection_year = request.collection_year and record.request_record_id = request.request_record_id"""
PERSON = ('person."Surname"', 'person."Forename"', 'person."PersonBirthDate"', 'person."UPN"')
REQUEST = (*PERSON, 'request."ReceivedDate"', 'request."RequestOutcome"')


# Tables without kinds of schools, which this home has no register to tell.
WITHOUT_GIAS = ("requests", "assessments", "timeliness_20_week", "phase_transfers", "sen2_dmo_dco")


@dataclass(frozen=True)
class Begun:
    """A home with nothing but returns, after its first run."""

    settings: Settings
    stages: tuple[pipeline.StageResult, ...]

    def folder(self, year: int) -> Path:
        return self.settings.home.published / "returns" / "sen2" / str(year)


@pytest.fixture(scope="module")
def begun(county: County, tmp_path_factory: pytest.TempPathFactory) -> Begun:
    root = tmp_path_factory.mktemp("begin") / "home"
    home.create(root, "302", "Somewhere")
    inbox = root / "inbox" / "sen2_return"
    sent = county.home.published / "returns" / "sen2" / str(SENT) / f"sen2_999_{SENT}.xml"
    (inbox / "sent.xml").write_text(_of_council_302(sent.read_text(encoding="utf-8")), encoding="utf-8")
    export(inbox / "the year before", _of_council_302(sen2_files.xml(BEFORE, SENT - 1)))
    settings = Settings.read(root)
    return Begun(settings, tuple(pipeline.run(settings, lambda _line: None)))


def test_it_goes_through_from_landing_to_publishing(begun: Begun) -> None:
    assert [stage.name for stage in begun.stages] == ["land", "door", "build", "return 2025", "return 2026", "publish"]


@pytest.mark.parametrize(
    ("table", "belongs", "joins"),
    [
        ("person", (), ""),
        ("requests", PERSON, UNDER_A_PERSON),
        ("assessment", REQUEST, UNDER_A_REQUEST),
        ("named_plan", REQUEST, UNDER_A_REQUEST),
        ("plan_detail", REQUEST, UNDER_A_REQUEST),
        ("active_plans", REQUEST, UNDER_A_REQUEST),
        ("placement_detail", REQUEST, UNDER_A_REQUEST),
        ("sen_need", REQUEST, UNDER_A_REQUEST),
    ],
)
def test_what_landed_is_what_was_made(
    county: County, begun: Begun, table: str, belongs: tuple[str, ...], joins: str
) -> None:
    """Record by record, under the same person and request; a code of no list is left out of an XML."""
    (module,) = (each for each in layout.message(SENT, demonstration=True).walk() if each.name == table)
    items = [_as_written(item) for item in module.items]
    query = (
        f"select {', '.join((*belongs, *items))} from sen2.sen2__{table} as record {joins} "
        f"where record.collection_year = {SENT} order by all"
    )
    made, landed = (_rows(database, query) for database in (county.database, begun.settings.home.database))
    assert len(made) > 500
    assert landed == made


def test_records_say_where_they_came_from(begun: Begun) -> None:
    """The line of the XML, or the record of the CSV file, on which a finding can be looked up."""
    query = (
        "select collection_year, source_file, source_row from sen2.sen2__placement_detail "
        "where person_key is null order by collection_year, source_row"
    )
    found = _rows(begun.settings.home.database, query)
    year, file, row = found[0]
    assert (year, file, row) == (2025, "the year before/Blade-Export_05-02-2026_placementdetail.csv", 2)
    year, file, row = found[-1]
    assert (year, file) == (2026, "sent.xml")
    text = (begun.settings.home.inbox / "sen2_return" / file).read_text(encoding="utf-8")
    assert "<PlacementDetail>" in text.splitlines()[row - 1]


def test_years_are_compared_from_the_first_day(begun: Begun) -> None:
    """Nobody of the year before is in last year's return: a plan in force and an open request are missing."""
    with (begun.folder(SENT) / "findings.csv").open(encoding="utf-8-sig", newline="") as handle:
        found = [row for row in csv.DictReader(handle) if row["printed_id"].startswith("SEN2-X")]
    lost = {row["printed_id"]: row["source_file"] for row in found if row["source_file"].startswith("the year before")}
    assert lost == {
        "SEN2-X03": "the year before/Blade-Export_05-02-2026_requests.csv",
        "SEN2-X05": "the year before/Blade-Export_05-02-2026_requests.csv",
    }
    assert "SEN2-X06" in {row["printed_id"] for row in found}


def test_there_are_tables_and_no_second_xml(county: County, begun: Begun) -> None:
    """DfE's tables of the return that was sent are those of the return that was made, but for those that ask GIAS."""
    mine, theirs = begun.folder(SENT), county.home.published / "returns" / "sen2" / str(SENT)
    names = {file.relative_to(mine).as_posix() for file in mine.rglob("*") if file.is_file()}
    assert {"findings.csv", "manifest.json", "tables/definitions.csv"} <= names
    assert not [name for name in names if name.endswith((".xml", ".xsd", ".html"))]
    for table in WITHOUT_GIAS:
        assert _figures(mine / "tables" / f"{table}.csv") == _figures(theirs / "tables" / f"{table}.csv"), table
    assert _figures(mine / "tables" / "requests.csv")


def test_one_return_can_be_judged_again(begun: Begun) -> None:
    stage = pipeline.again(begun.settings, SENT, lambda _line: None)
    assert "no XML is made of it again" in stage.note
    with pytest.raises(pipeline.StageFailed, match="2024 is not among"):
        pipeline.again(begun.settings, 2024, lambda _line: None)


def _of_council_302(text: str) -> str:
    assert "<LEA>999</LEA>" in text
    return text.replace("<LEA>999</LEA>", "<LEA>302</LEA>")


def _as_written(item: layout.Item) -> str:
    column = f'record."{item.element}"'
    if not item.codes:
        return column
    listed = ", ".join(f"'{code}'" for code in item.codes)
    return f"case when {column} in ({listed}) then {column} end"


def _rows(database: Path, query: str) -> list[tuple[Any, ...]]:
    with duck.reader(database) as connection:
        return connection.execute(query).fetchall()


def _figures(file: Path) -> list[list[str]]:
    """The rows of a table without the columns that name the council."""
    with file.open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    return [[value for name, value in row.items() if not re.match("(new_|old_)?la_|region", name)] for row in rows]
