"""An invented year 2099, opened by rows alone, as docs/guides/open-a-new-collection-year.md says.

It matters because DfE changes something every year, and a council cannot wait for Python. What the rows say is then
written, read, checked, drawn as a schema, exported, generated and documented. Resolve: something names a year, an item
or a code that it should have asked of the rows.

The mart's own models over a year of rows alone: test_sen2_write.py.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests.unit.returns import sen2_files, sen2_generated, sen2_records
from tests.unit.returns.sen2_files import case
from tests.unit.returns.test_round_trip_sizes import lost, write
from warehouse import duck, landing, specification
from warehouse.returns import collect, dictionary, layout, xsd
from warehouse.returns.check import judge, rules, shape
from warehouse.returns.check.read import Reader
from warehouse.returns.writer import Writer, rows_of
from warehouse.settings import Home, Settings

YEAR = 2099

# By hand, from the changes below: SENsetting, Nickname and PostCode in their places, three needs, no PlanWBP.
WRITTEN = """\
<?xml version="1.0" encoding="utf-8"?>
<Message>
  <Header>
    <CollectionDetails>
      <Collection>SEN2</Collection>
      <Year>2099</Year>
      <ReferenceDate>2099-01-15</ReferenceDate>
    </CollectionDetails>
    <Source>
      <SourceLevel>L</SourceLevel>
      <LEA>999</LEA>
      <SerialNo>001</SerialNo>
      <DateTime>2099-02-01T12:00:00</DateTime>
    </Source>
  </Header>
  <Persons>
    <Person>
      <PostCode>AB1 2CD</PostCode>
      <Surname>Hill</Surname>
      <Nickname>Addie</Nickname>
      <Requests>
        <RequestOutcome>H</RequestOutcome>
        <Assessment>
          <AssessmentOutcome>H</AssessmentOutcome>
          <NamedPlan>
            <PlanDetail>
              <SENsetting>EHE</SENsetting>
            </PlanDetail>
            <PlanRes>A</PlanRes>
          </NamedPlan>
        </Assessment>
        <ActivePlans>
          <SENneed>
            <SENtype>ASD</SENtype>
          </SENneed>
          <SENneed>
            <SENtype>NEW1</SENtype>
          </SENneed>
          <SENneed>
            <SENtype>MLD</SENtype>
          </SENneed>
        </ActivePlans>
      </Requests>
    </Person>
  </Persons>
</Message>
"""
IDS = {"person_record_id": "00000001", "request_record_id": "00000001.000001"}
RECORDS: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "header",
        {
            "Collection": "SEN2",
            "Year": "2099",
            "ReferenceDate": "2099-01-15",
            "SourceLevel": "L",
            "LEA": "999",
            "SerialNo": "001",
            "DateTime": "2099-02-01T12:00:00",
        },
    ),
    (
        "person",
        {"person_record_id": IDS["person_record_id"], "Surname": "Hill", "Nickname": "Addie", "PostCode": "AB1 2CD"},
    ),
    ("requests", IDS | {"RequestOutcome": "H"}),
    ("assessment", IDS | {"AssessmentOutcome": "H"}),
    ("named_plan", IDS | {"PlanRes": "A"}),
    ("plan_detail", IDS | {"plan_detail_record_id": "1", "SENSetting": "EHE"}),
    ("active_plans", IDS),
    ("sen_need", IDS | {"need_record_id": "1", "SENtype": "ASD"}),
    ("sen_need", IDS | {"need_record_id": "2", "SENtype": "NEW1"}),
    ("sen_need", IDS | {"need_record_id": "3", "SENtype": "MLD"}),
)


class Spec:
    """A copy of the row files, to be changed as the guide says."""

    def __init__(self, folder: Path):
        self.folder = folder

    def add(self, name: str, **values: str) -> None:
        """A row at the end; what is not named is blank."""
        header, body = self._read(name)
        self._write(name, header, [*body, dict.fromkeys(header, "") | values])

    def end(self, name: str, **where: str) -> list[dict[str, str]]:
        """Give the rows that hold in 2098 a last_year; they come back."""
        header, body = self._read(name)
        found = [
            row for row in body if all(row[k] == v for k, v in where.items()) and specification.in_force(row, 2098)
        ]
        assert found, where
        before = [dict(row) for row in found]
        for row in found:
            row["last_year"] = "2098"
        self._write(name, header, body)
        return before

    def change(self, name: str, where: dict[str, str], **values: str) -> None:
        """End the rows, and add them again from 2099 with other values."""
        for row in self.end(name, **where):
            self.add(name, **(row | {"first_year": "2099"} | values))

    def _read(self, name: str) -> tuple[list[str], list[dict[str, str]]]:
        (file,) = self.folder.rglob(f"{name}.csv")
        with file.open(encoding="utf-8", newline="") as handle:
            reader = csv.DictReader(handle)
            body = list(reader)
        return list(reader.fieldnames or ()), body

    def _write(self, name: str, header: list[str], body: list[dict[str, str]]) -> None:
        (file,) = self.folder.rglob(f"{name}.csv")
        with file.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, header, lineterminator="\n")
            writer.writeheader()
            writer.writerows(body)


def forget() -> None:
    """What was read of the rows is read again."""
    specification.rows.cache_clear()
    judge.program.cache_clear()


@pytest.fixture(scope="module", autouse=True)
def _opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """2099 as the guide opens it: each line of its table once."""
    folder = tmp_path_factory.mktemp("spec")
    shutil.copytree(specification.SPEC, folder, dirs_exist_ok=True)
    spec = Spec(folder)
    spec.add(
        "collection",
        collection_year="2099",
        census_day="2099-01-15",
        deadline="2099-03-12",
        is_provisional="true",
        note="Invented",
    )
    # An item goes.
    spec.end("element", module="named_plan", element="PlanWBP")
    # An item comes; its column is in the record model, as the contract below.
    spec.add(
        "element",
        module="person",
        element="Nickname",
        sort_order="15",
        item_number="1.2a",
        title="Name called by",
        data_type="text",
        min_occurs="0",
        requirement="optional",
        first_year="2099",
        certainty="ours",
        source="invented",
    )
    # An item moves, is renumbered and becomes mandatory.
    spec.change(
        "element",
        {"module": "person", "element": "PostCode"},
        sort_order="5",
        item_number="1.0",
        requirement="mandatory",
        condition="",
    )
    # A tag is spelled otherwise.
    spec.change("element", {"element": "SENSetting"}, tag="SENsetting")
    # A module may repeat more often.
    spec.change("module", {"module": "sen_need"}, max_occurs="3")
    # A code goes, and another comes.
    spec.end("code_sen_type", code="DS")
    spec.add(
        "code_sen_type", code="NEW1", label="Invented need", first_year="2099", certainty="ours", source="invented"
    )
    # A rule changes its level, and a threshold changes.
    spec.change("rule", {"flag": "p11"}, level="E")
    spec.change("rule_parameter", {"rule_id": "R15"}, value="35")
    spec.add(
        "collection_change",
        collection_year="2099",
        kind="added",
        module="person",
        element="Nickname",
        change="Invented for this test",
        certainty="ours",
        source="invented",
    )
    before, name, person = rules._CONTRACT.read_text(encoding="utf-8").partition("  - name: sen2__person\n")
    column = "      - name: Surname\n"
    assert column in person
    mended = folder / "_sen2__models.yml"
    added = "      - name: Nickname\n        data_type: string\n"
    mended.write_text(before + name + person.replace(column, added + column, 1), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(specification, "SPEC", folder)
        patch.setattr(rules, "_CONTRACT", mended)
        forget()
        yield
    forget()


def test_written(tmp_path: Path) -> None:
    database = sen2_records.database(tmp_path / "records.duckdb", RECORDS, YEAR)
    with duck.reader(database) as connection:
        Writer(layout.message(YEAR, demonstration=True), rows_of(connection, "sen2", YEAR)).write(tmp_path / "out.xml")
    assert (tmp_path / "out.xml").read_text(encoding="utf-8") == WRITTEN


def test_schema(tmp_path: Path) -> None:
    def valid(year: int) -> bool:
        tree = xsd.schema(layout.message(year, demonstration=True), "")
        return etree.XMLSchema(tree).validate(etree.fromstring(WRITTEN.encode()))

    assert valid(2099) and not valid(2027)


def test_read(tmp_path: Path) -> None:
    found: dict[str, list[dict[str, Any]]] = {}
    reader = Reader(shape.message(YEAR), lambda table, rows: found.setdefault(table, []).extend(rows))
    reader.read(sen2_files.write(tmp_path / "in.xml", WRITTEN))
    assert not reader.faults
    (person,) = found["sen2__person"]
    assert (person["PostCode"], person["Nickname"]) == ("AB1 2CD", "Addie")
    assert [row["SENtype"] for row in found["sen2__sen_need"]] == ["ASD", "NEW1", "MLD"]
    assert found["sen2__plan_detail"][0]["SENSetting"] == "EHE"


def test_read_by_the_year_before(tmp_path: Path) -> None:
    """The same file is at fault as one of 2027 in each place that changed, and nowhere else."""
    reader = Reader(shape.message(2027), lambda _table, _rows: None)
    reader.read(sen2_files.write(tmp_path / "in.xml", WRITTEN))
    assert {(fault.kind, fault.element) for fault in reader.faults} == {
        ("order", "Surname"),
        ("other_year", "Nickname"),
        ("letter_case", "SENsetting"),
        ("too_many", "SENneed"),
    }


def test_checked(tmp_path: Path) -> None:
    """P11 is an error, six weeks are five, DS is no need and NEW1 is one; in 2027 each is as it was."""
    people = [
        case("issued", "person.PostCode ="),
        case("issued", "requests.RequestOutcomeDate = CS+36d; requests.ReceivedDate = CS"),
        case("issued", "sen_need.SENtype = DS"),
        case("issued", "sen_need.SENtype = NEW1"),
    ]

    def fired(year: int) -> set[tuple[int | None, str, str]]:
        file = sen2_files.write(tmp_path / f"{year}.xml", sen2_files.xml(people, year))
        with judge.judge(file, year, demonstration=True) as judged:
            found = {(one.person, one.rule, one.level) for one in judged.findings()}
        return {one for one in found if one[1] in ("SEN2-P11", "SEN2-R15", "SEN2-S01", "SEN2-H12")}

    assert fired(2099) == {(1, "SEN2-P11", "E"), (2, "SEN2-R15", "W"), (3, "SEN2-S01", "E")}
    assert fired(2027) == {(1, "SEN2-P11", "Q"), (4, "SEN2-S01", "E")}


@pytest.mark.parametrize("name", ["return.xml", "collect"])
def test_generated_written_and_read_again(name: str, tmp_path: Path) -> None:
    written = write(tmp_path, YEAR, 50, fullness=9)
    assert all(written.values())
    assert lost(tmp_path, YEAR, name) == {}


def test_landed_as_a_source(tmp_path: Path) -> None:
    """Also the item that no declaration names yet: what was sent is kept."""
    home = Home(tmp_path / "home")
    (home.inbox / "sen2_return").mkdir(parents=True)
    (home.inbox / "sen2_return" / "sent.xml").write_text(WRITTEN, encoding="utf-8")
    report = landing.land(Settings(home=home))
    assert {receipt.entity: receipt.rows_loaded for receipt in report.receipts if receipt.is_loaded}["sen_need"] == 3
    (file,) = (home.raw / "sen2_return" / "person").glob("snapshot_date=*/*.parquet")
    with duck.memory() as connection:
        found = connection.execute(f"select collection_year, \"Nickname\" from '{duck.quoted(file)}'").fetchall()
    assert found == [("2099", "Addie")]


def test_exported() -> None:
    found = collect.tables(layout.message(YEAR))
    assert found["person"][5:8] == ("postcode", "surname", "nickname")
    assert "planwbp" not in found["namedplan"]


def test_the_generator_draws_what_is_new(tmp_path: Path) -> None:
    database = sen2_generated.generate(tmp_path / "made.duckdb", YEAR, 200)
    with duck.reader(database) as connection:
        needs = {row[0] for row in connection.execute('select distinct "SENtype" from sen2.sen2__sen_need').fetchall()}
        named = connection.execute('select count("Nickname") from sen2.sen2__person').fetchone()[0]
    assert "NEW1" in needs and "DS" not in needs
    assert named > 100


def test_documented(tmp_path: Path) -> None:
    assert tmp_path / "2099.html" in dictionary.write(tmp_path)
    page = (tmp_path / "2099.html").read_text(encoding="utf-8")
    for said in ("PROVISIONAL", "Name called by", "Invented need", "Invented for this test", "<code>SENsetting</code>"):
        assert said in page
    assert "PlanWBP" not in page.split("</section>", 1)[1]
    assert set(dictionary.changes(2027, 2099)) == {
        "4.3 NamedPlan/PlanWBP is no longer asked.",
        "1.2a Person/Nickname is new.",
        "1.0 Person/PostCode: number was 1.6, is 1.0.",
        "1.0 Person/PostCode: condition was Blank where it cannot be had; the council is asked why, is none.",
        "1.0 Person/PostCode: was optional, is mandatory.",
        "4.7c PlanDetail/SENSetting: its tag was SENSetting, is SENsetting.",
        "5.7c PlacementDetail/SENSetting: its tag was SENSetting, is SENsetting.",
        "5.8a SENneed/SENtype: code DS is no longer in the list.",
        "5.8a SENneed/SENtype: code NEW1 (Invented need) is new.",
        "Person: the order is now PostCode, Surname, Forename, PersonBirthDate, Sex, Ethnicity, UPN, "
        "UniqueLearnerNumber, UPNunknown, Requests.",
        "SENneed: stood 1 to 2 times, stands 1 to 3 times.",
    }


def test_a_year_without_a_row_is_refused() -> None:
    with pytest.raises(layout.YearNotKnown, match="open-a-new-collection-year"):
        layout.message(2098)
    assert date(2099, 1, 15).isoformat() == layout.collection(YEAR)["census_day"]
