"""A draft shows how a file is made and never whose it is: what it prints goes into tickets and mails."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from warehouse import cli, landing
from warehouse.draft import NotDrafted, draft
from warehouse.profiles.profile import parse
from warehouse.settings import Home, Settings

HEADER = "Child ID|Surname|First Name|Date of Birth|UPN|Home Postcode|EHCP Start Date|SEN Needs|Shoe size"
# Valid by their letters: source-extracts 1 gives both.
UPNS = ("A950000178301", "H243278544154")
NAMES = ("Quillfeather", "Ashenhurst", "Marlowick")


def content(rows: int = 40) -> str:
    """Title, header on line 3, pipes, dd/mm/yyyy, two needs in a cell, a need in one child's own words, a total."""
    draw = random.Random(3)  # noqa: S311
    lines = ["Caseload", "", HEADER]
    for number in range(rows):
        need = ("Autism; SLCN", "SEMH", "Speech and language")[number % 3]
        need = "Wobbly about Quillfeather" if number == 7 else need
        born = f"{draw.randint(1, 28):02}/0{draw.randint(1, 9)}/2014"
        lines.append(
            f"K{number}|{NAMES[number % 3]}|Zebedee|{born}|{UPNS[number % 2]}"
            f"|ZZ{number % 9} 1AB|{draw.randint(13, 28)}/02/2024|{need}|{draw.randint(20, 45)}"
        )
    return "\n".join([*lines, f"Total|{rows}||||||| "]) + "\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "caseload_20270104.csv"
    path.write_text(content(), encoding="cp1252")
    return path


def settings(tmp_path: Path) -> Settings:
    return Settings(home=Home(tmp_path / "home"), threads=1)


def test_a_draft_is_a_valid_profile_that_says_what_the_file_is(file: Path, tmp_path: Path) -> None:
    drafted = draft(settings(tmp_path), [file])
    made = parse(drafted.text, Path("draft.yml"))
    assert (made.source, made.files["caseload"].header_row, made.files["caseload"].drops_totals) == ("ehc", 3, True)
    assert made.files["caseload"].ignored == ("Shoe size",)
    fields = {entity: {field.name: field.sql for field in parts[0].fields} for entity, parts in made.extracts.items()}
    assert fields["person"]["birth_date"] == 'r."Date of Birth"' and fields["person"]["upn"] == 'r."UPN"'
    assert fields["plan"]["start_date"] == 'r."EHCP Start Date"' and fields["plan"]["person_id"] == 'r."Child ID"'
    split = made.extracts["need"][0].split
    assert split and (split.column, split.separator) == ("SEN Needs", ";")
    assert "%d/%m/%Y" in drafted.text
    # 13 rows say it, by hand: rows 2, 5, … 38; the one child's own words are counted, not shown.
    assert any("'Speech and language' in 13 rows, nearest SLCN" in line for line in drafted.lines)
    assert any("rarer values in 1 rows, not shown" in line for line in drafted.lines)


def test_no_value_of_a_child_is_shown_or_written(file: Path, tmp_path: Path, capsys: Any) -> None:
    out = tmp_path / "ours.yml"
    assert cli.main(["profile", str(file), "--out", str(out), "--home", str(tmp_path / "home")]) == 0
    said = capsys.readouterr().out + out.read_text(encoding="utf-8")
    for value in (*NAMES, "Zebedee", *UPNS, "K7", "ZZ7", "/2014", "Wobbly"):
        assert value not in said, "a value of a child is shown"
    assert cli.main(["profile", str(file), "--show-values", "--home", str(tmp_path / "home")]) == 0
    assert "Quillfeather" in capsys.readouterr().out


def test_a_file_without_a_header_is_not_quoted(tmp_path: Path) -> None:
    path = tmp_path / "plans.csv"
    path.write_text("\n".join(content().splitlines()[3:]), encoding="utf-8")
    with pytest.raises(NotDrafted) as caught:
        draft(settings(tmp_path), [path])
    assert "no header was found" in str(caught.value)
    assert not any(name in str(caught.value) for name in NAMES)


def test_needs_side_by_side_are_drafted_as_rows(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    rows = [f"K{number},{(number % 28) + 1:02}/02/2024,ASD,{'MLD' if number % 2 else ''}" for number in range(20)]
    path.write_text("\n".join(["Child ID,EHCP Start Date,Need 1,Need 2", *rows]) + "\n", encoding="utf-8")
    drafted = draft(settings(tmp_path), [path])
    (need,) = parse(drafted.text, Path("draft.yml")).extracts["need"]
    assert need.unpivot and need.unpivot.columns == {"each_sen_type": ("Need 1", "Need 2")}
    # Twenty first needs and ten second ones, by hand.
    assert any("need: 30 rows of 20 records" in line for line in drafted.lines)


def test_too_little_known_says_what_was_seen(tmp_path: Path) -> None:
    path = tmp_path / "costs.csv"
    path.write_text("Person Type,Annual Number\nSecret,1\n", encoding="utf-8")
    with pytest.raises(NotDrafted) as caught:
        draft(settings(tmp_path), [path])
    assert "Person Type: not recognised" in str(caught.value) and "Secret" not in str(caught.value)


def test_a_birth_date_is_known_by_its_range(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    rows = [f"K{number},Quill,Zeb,{(number % 28) + 1:02}/0{number % 9 + 1}/20{10 + number % 9}" for number in range(30)]
    path.write_text("\n".join(["Child ID,Surname,First Name,Came into the world", *rows]) + "\n", encoding="utf-8")
    fields = {
        each.name: each.sql for each in parse(draft(settings(tmp_path), [path]).text, path).extracts["person"][0].fields
    }
    assert fields["birth_date"] == 'r."Came into the world"'


def test_the_next_month_lands_by_the_draft_of_this_one(tmp_path: Path) -> None:
    """The name of a file says its month, its week or its term: the pattern must not keep it."""
    home = Home(tmp_path / "home")
    its = Settings(home=home, as_at=date(2027, 1, 21), threads=1)
    file = tmp_path / "SEND_open_cases_Sep26.csv"
    file.write_text(content(), encoding="utf-8")
    text = draft(its, [file]).text
    assert parse(text, Path("draft.yml")).files["send_open_cases"].pattern == "^SEND_open_cases"
    (home.root / "profiles").mkdir(parents=True)
    (home.root / "profiles" / "ours.yml").write_text(text, encoding="utf-8")
    for name in ("SEND_open_cases_Sep26.csv", "2026_10 SEND_open_cases.csv"):
        (home.inbox / "ehc").mkdir(parents=True, exist_ok=True)
        (home.inbox / "ehc" / name).write_text(content(), encoding="utf-8")
    receipts = landing.land(its).receipts
    assert all(receipt.is_loaded for receipt in receipts)
    days = {receipt.snapshot_date for receipt in receipts if receipt.entity == "plan"}
    assert days == {date(2026, 9, 30), date(2026, 10, 31)}


def listed(tmp_path: Path, header: str, value: str, rows: int = 20) -> Path:
    """A list of plans with one more column: `value` may use the row's number."""
    path = tmp_path / "list.csv"
    lines = [f"K{n},{n % 28 + 1:02}/02/2024,ASD,{value.format(n=n)}" for n in range(rows)]
    path.write_text("\n".join([f"Child ID,EHCP Start Date,Primary Need,{header}", *lines]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("header", "value", "field"),
    [
        ("Current Placement URN", "1230{n:02}", "urn"),
        ("school", "1230{n:02}", "urn"),
        ("Establishment No", "1230{n:02}", "urn"),
        # Six figures, and no word of a school; a school's name; numbers that GIAS has not given out.
        ("Tariff", "1230{n:02}", None),
        ("school", "Oak School {n}", None),
        ("Establishment No", "9230{n:02}", None),
    ],
)
def test_a_urn_is_known_by_name_and_range(header: str, value: str, field: str | None, tmp_path: Path) -> None:
    drafted = draft(settings(tmp_path), [listed(tmp_path, header, value)])
    made = parse(drafted.text, Path("draft.yml"))
    found = {each.name: each.sql for parts in made.extracts.values() for each in parts[0].fields}
    assert found.get(field or "urn") == (f'r."{header}"' if field else None)


def test_a_urn_is_known_by_the_register_of_schools(tmp_path: Path) -> None:
    """Where GIAS has landed its numbers are told from others, under any name."""
    its = settings(tmp_path)
    folder = its.home.raw / "gias" / "establishment" / "snapshot_date=2027-01-20"
    folder.mkdir(parents=True)
    numbers = pa.table({"urn": [f"8000{number:02}" for number in range(19)]})
    pq.write_table(numbers, folder / "schools.parquet")
    # 19 of 20 are in the register: 95%, by hand.
    drafted = draft(its, [listed(tmp_path, "Where they learn", "8000{n:02}")])
    assert any(
        "Where they learn: placement.urn" in line and "95% are schools of GIAS" in line for line in drafted.lines
    )
    drafted = draft(its, [listed(tmp_path, "Where they learn", "1230{n:02}")])
    assert not any("placement.urn" in line for line in drafted.lines)


def test_rows_that_hang_on_nothing_are_told(tmp_path: Path) -> None:
    """Six children with a need, one of them with a plan: five needs are of no plan."""
    path = tmp_path / "cases.csv"
    rows = [f"K{number},{'01/06/2024' if number == 1 else ''},ASD" for number in range(1, 7)]
    path.write_text("\n".join(["Child ID,EHCP Start Date,Primary Need", *rows]) + "\n", encoding="utf-8")
    drafted = draft(settings(tmp_path), [path])
    assert any("need: CHECK, 5 of 6 rows hang on no plan" in line for line in drafted.lines)
    drafted = draft(settings(tmp_path), [listed(tmp_path, "Shoe size", "{n}")])
    assert not any("hang on no" in line for line in drafted.lines)
