"""XML returns: one pass gives every extract its rows, however ragged the file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from warehouse import specification
from warehouse.landing import xml_reader
from warehouse.landing.quarantine import Quarantine
from warehouse.settings import REPOSITORY

HEADER = (
    "<Header><CollectionDetails><Collection>CIN</Collection><Year>2026</Year>"
    "<ReferenceDate>2026-03-31</ReferenceDate></CollectionDetails></Header>"
)
CHILD_1 = """<Child>
  <ChildIdentifiers><LAchildID>1</LAchildID><!-- a note -->
    <UPN>A950000178301</UPN> stray text <PersonBirthDate> 2012-05-06 </PersonBirthDate></ChildIdentifiers>
  <ChildCharacteristics><Ethnicity>WBRI</Ethnicity>
    <Disabilities><Disability>HAND</Disability><Disability>HEAR</Disability></Disabilities></ChildCharacteristics>
  <CINdetails><CINreferralDate>2025-01-01</CINreferralDate>
    <ChildProtectionPlans><CPPstartDate>2025-02-01</CPPstartDate></ChildProtectionPlans>
    <ChildProtectionPlans><CPPstartDate>2025-06-01</CPPstartDate><CPPendDate>2025-09-01</CPPendDate></ChildProtectionPlans>
  </CINdetails>
  <CINdetails><CINreferralDate>2025-08-01</CINreferralDate><ReferralNFA>1</ReferralNFA></CINdetails>
</Child>"""
CHILD_2 = "<Child><ChildIdentifiers><LAchildID>2</LAchildID></ChildIdentifiers></Child>"
CHILD_3 = "<Child><ChildIdentifiers/><CINdetails><CINreferralDate>2025-01-01</CINreferralDate></CINdetails></Child>"


def message(*children: str, start: str = "<Message>") -> str:
    return f"{start}{HEADER}<Children>{''.join(children)}</Children></Message>"


def values(council: Any, extract: str, columns: str) -> list[tuple]:
    return [tuple(row.values()) for row in council.rows(extract, columns)]


def test_all_extracts_of_one_file(council: Any) -> None:
    council.deliver("cin/cin.xml", message(CHILD_1, CHILD_2))
    receipts = {receipt.entity: receipt for receipt in council.land().receipts}
    assert {entity: receipt.rows_loaded for entity, receipt in receipts.items() if receipt.rows_received} == {
        "child": 2,
        "disability": 2,
        "cin_details": 2,
        "child_protection_plan": 2,
    }
    assert {receipt.period for receipt in receipts.values()} == {"2026"}
    assert values(council, "cin.child", "collection_year, la_child_id, upn, birth_date, ethnicity, _source_row") == [
        ("2026", "1", "A950000178301", "2012-05-06", "WBRI", 1),
        ("2026", "2", None, None, None, 2),
    ]
    assert values(council, "cin.disability", "la_child_id, disability, _source_row") == [
        ("1", "HAND", 1),
        ("1", "HEAR", 2),
    ]
    assert values(council, "cin.cin_details", "la_child_id, referral_date, referral_no_further_action") == [
        ("1", "2025-01-01", None),
        ("1", "2025-08-01", "1"),
    ]
    assert values(council, "cin.child_protection_plan", "la_child_id, plan_start, plan_end") == [
        ("1", "2025-02-01", None),
        ("1", "2025-06-01", "2025-09-01"),
    ]


def test_child_without_a_number_is_rejected_with_its_xml(council: Any) -> None:
    council.deliver("cin/cin.xml", message(CHILD_1, CHILD_2, CHILD_3))
    receipts = council.land().receipts
    assert {r.entity: (r.rows_received, r.rows_loaded, r.rows_rejected) for r in receipts if r.rows_received} == {
        "child": (3, 2, 1),
        "disability": (2, 2, 0),
        "cin_details": (3, 2, 1),
        "child_protection_plan": (2, 2, 0),
    }
    rejects = {(r["entity"], r["source_row"], r["column_name"]): r["raw_text"] for r in council.rejects()}
    assert rejects == {
        ("child", 3, "la_child_id"): CHILD_3,
        ("cin_details", 3, "la_child_id"): "<CINdetails><CINreferralDate>2025-01-01</CINreferralDate></CINdetails>",
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252", "iso-8859-1"])
def test_encodings_that_the_file_declares(council: Any, encoding: str) -> None:
    child = CHILD_2.replace(">2<", ">É2<")
    text = f'<?xml version="1.0" encoding="{encoding}"?>' + message(child)
    council.deliver("cin/cin.xml", text.encode(encoding))
    council.land()
    assert values(council, "cin.child", "la_child_id") == [("É2",)]


def test_namespace_does_not_matter(council: Any) -> None:
    council.deliver("cin/cin.xml", message(CHILD_1, start='<Message xmlns="http://www.example.org/cin">'))
    council.land()
    assert values(council, "cin.disability", "la_child_id, disability") == [("1", "HAND"), ("1", "HEAR")]


def test_header_after_the_children(council: Any) -> None:
    """The year stands once in a file, wherever it stands."""
    council.deliver("cin/cin.xml", f"<Message><Children>{CHILD_2}</Children>{HEADER}</Message>")
    council.land()
    assert values(council, "cin.child", "collection_year, la_child_id") == [("2026", "2")]


@pytest.mark.parametrize("bomb", ["internal", "long prolog"])
def test_entities_are_never_expanded(tmp_path: Path, bomb: str) -> None:
    """Billion laughs: refused before the document is read, in the time of reading its first lines."""
    entities = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    padding = f"<!--{' ' * (2 << 20)}-->" if bomb == "long prolog" else ""
    file = tmp_path / "bomb.xml"
    file.write_text(f"{padding}<!DOCTYPE Message [{entities}]>{message(CHILD_2.replace('2<', '&a11;<'))}")
    with pytest.raises(Quarantine) as refused:
        xml_reader.read("bomb.xml", file, list(specification.sources()["cin"].extracts), tmp_path)
    assert refused.value.reason == "xml_entities"


MEASURE = """
import resource, sys
from pathlib import Path
from warehouse import specification
from warehouse.landing import xml_reader

extracts = list(specification.sources()["cin"].extracts)
for name in ("small.xml", "large.xml"):
    xml_reader.read(name, Path(sys.argv[1]) / name, extracts, Path(sys.argv[1]))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="memory is measured with getrusage")
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """In a process of its own: the peak of this one is already high."""
    for name, children in (("small.xml", 200), ("large.xml", 8_000)):
        (tmp_path / name).write_text(f"<Message>{HEADER}<Children>{CHILD_1 * children}</Children></Message>")
    asked = [sys.executable, "-c", MEASURE, str(tmp_path)]
    told = subprocess.run(asked, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout.split()
    small, large = (int(kilobytes) for kilobytes in told)
    assert large - small < 6_000, "7 MB of XML, some 50 MB as a tree, may not cost 6 MB"
