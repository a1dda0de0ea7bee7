"""A county with one unreadable cell in each column of every file, through the command: nothing stops or is lost.

A cell that cannot be read is blank and told where it stands; a build that ends there would take everybody's figures
away for one slip of one hand. Files of other bodies are spoiled too: nobody here can mend theirs.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest
from lxml import etree

from expectations.suites import declared
from warehouse import cli, duck
from warehouse.settings import Settings

# No date, number, code or identifier, and a word that somebody could write into any cell.
UNREADABLE = "ten"
# Cells that the demonstration has at least of each format: one that is no longer made, or no longer spoiled, is missed.
CELLS = {"csv utf-8": 2_000, "csv cp1252": 30, "csv utf-16": 5, "xlsx": 13, "xml": 300, "geojson": 4}
# A cell that stopped the build before, and one of each format and of each body that sends files.
TOLD = {
    ("term_dates", "day_range", "to_date"),
    ("resource_base", "commissioned_place", "places_commissioned"),
    ("resource_base", "base", "designated_need"),
    ("inclusion", "exclusion", "start_date"),
    ("inclusion", "elective_home_education", "birth_date"),
    ("transport", "run", "from_date"),
    ("finance", "commitment", "amount"),
    ("ctf", "sen_history", "start_date"),
    ("cin", "child", "birth_date"),
    ("ap_census", "pupil", "hours_per_week"),
    ("ilr", "learner", "planned_learning_hours"),
    ("ehc", "appeal", "kind"),
    ("ehc", "personal_budget", "taken_up"),
    ("csds", "referral", "received_date"),
    ("gias", "establishment", "type_code"),
    ("geography", "deprivation", "imd_decile"),
}


def spots(rows: list[list[str | None]]) -> Iterator[tuple[int, int]]:
    """Row and column of one filled cell of each column, each in a row of its own as far as there are rows."""
    width = max(map(len, rows), default=0)
    for column in range(width):
        filled = [number for number, row in enumerate(rows) if column < len(row) and row[column]]
        if filled:
            yield filled[column * len(filled) // width], column


def spoil_text(file: Path, word: str = UNREADABLE) -> Counter[str]:
    encoding = encoding_of(file.read_bytes())
    rows = list(csv.reader(io.StringIO(file.read_bytes().decode(encoding))))
    spoiled = list(spots(rows[1:]))
    for row, column in spoiled:
        rows[1 + row][column] = word
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    file.write_bytes(text.getvalue().encode(encoding))
    return Counter({f"csv {encoding}": len(spoiled)})


def encoding_of(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        content.decode()
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig" if content.startswith(b"\xef\xbb\xbf") else "utf-8"


def spoil_workbook(file: Path, word: str = UNREADABLE) -> Counter[str]:
    book = openpyxl.load_workbook(file)
    spoiled = 0
    for sheet in book:
        for row, column in spots([list(row) for row in sheet.iter_rows(min_row=2, values_only=True)]):
            sheet.cell(2 + row, 1 + column).value = word
            spoiled += 1
    book.save(file)
    return Counter({"xlsx": spoiled})


def spoil_return(file: Path, word: str = UNREADABLE) -> Counter[str]:
    """One text of each element but the header's, which says what the whole file is."""
    tree = etree.parse(str(file))
    texts: dict[str, list[etree._Element]] = defaultdict(list)
    for element in tree.iter("{*}*"):
        if len(element) == 0 and element.text and all(above.tag != "Header" for above in element.iterancestors()):
            texts[element.tag].append(element)
    for place, elements in enumerate(texts.values()):
        elements[place * len(elements) // len(texts)].text = word
    tree.write(str(file), encoding="utf-8", xml_declaration=True)
    return Counter({"xml": len(texts)})


def spoil_map(file: Path, word: str = UNREADABLE) -> Counter[str]:
    content = json.loads(file.read_text(encoding="utf-8"))
    properties = [feature["properties"] for feature in content["features"]]
    names = list(properties[0])
    spoiled = list(spots([[values[name] for name in names] for values in properties]))
    for row, column in spoiled:
        properties[row][names[column]] = word
    file.write_text(json.dumps(content), encoding="utf-8")
    return Counter({"geojson": len(spoiled)})


SPOIL: dict[str, Callable[..., Counter[str]]] = {
    ".csv": spoil_text,
    ".xlsx": spoil_workbook,
    ".xml": spoil_return,
    ".geojson": spoil_map,
}


@pytest.fixture(scope="module")
def spoiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("spoiled")
    assert cli.main(["demo", "--plans", "100", "--pupils", "1500", "--home", str(home)]) == 0
    cells: Counter[str] = Counter()
    for file in Settings.read(home).home.inbox.rglob("*.*"):
        cells += SPOIL[file.suffix](file)
    assert all(cells[of] >= at_least for of, at_least in CELLS.items()), cells
    return home


def test_it_goes_through_and_every_row_and_cell_is_told(
    spoiled: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Endangered: one slip of one hand takes everybody's figures away. Resolve: the message names the model; a column
    that a person fills in may be blank in core, and a code may be outside its set."""
    # Of tables of three rows the door would set aside what a county of a usual size would build.
    monkeypatch.setattr(declared, "UNPARSEABLE", 1.0)
    monkeypatch.setattr(declared, "DUPLICATE_KEYS", 1.0)
    code = cli.main(["run", "--home", str(spoiled)])
    said = capsys.readouterr()
    assert "nothing was published" not in said.err and "did not expect" not in said.err, said.err
    with duck.reader(Settings.read(spoiled).home.database) as connection:
        lost = connection.sql(
            "select source, entity, balance from quality.rpt_quality__reconciliation where balance <> 0"
        ).fetchall()
        told = connection.sql(
            "select distinct source, entity, column_name from quality.rpt_quality__cell_issue"
        ).fetchall()
        # A row whose key cannot be read is nobody's: it is left out, and told by its place.
        keyless = connection.sql(
            "select count(*) from quality.rpt_quality__reject where source = 'term_dates' and reason = 'missing_key'"
        ).fetchall()
    assert "set aside" not in said.out
    assert lost == []
    assert keyless == [(2,)], "the year of one row, the first day of another"
    assert set(told) >= TOLD
    assert code == 0
