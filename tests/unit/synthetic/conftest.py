"""One small county for these tests, and a reader of its files that shares no code with what wrote them."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from openpyxl import load_workbook

from warehouse import specification
from warehouse.settings import Settings
from warehouse.specification import Extract
from warehouse.synthetic import Generated, generate

PLANS, PUPILS = 300, 4_400
REFUSED = ("Z9T_", "File_3_IoD2025")


@dataclass(frozen=True)
class County:
    """A generated home: its files, and their rows by declared column name."""

    home: Path
    made: Generated

    def files(self, source: str, entity: str) -> list[Path]:
        """Files of one extract, without those that are quarantined on purpose."""
        extract = specification.extract(source, entity)
        patterns = (extract.file_pattern, extract.xml_pattern)
        found = sorted((self.home / "inbox" / source).iterdir())
        return [
            file
            for file in found
            if any(re.search(pattern, file.name, re.IGNORECASE) for pattern in patterns)
            and not file.name.startswith(REFUSED)
        ]

    def rows(self, source: str, entity: str) -> list[dict[str, str]]:
        """Every row, blank as ''; `_file` and `_row` (record number, header 1) beside the declared columns."""
        extract = specification.extract(source, entity)
        return [row for file in self.files(source, entity) for row in read(extract, file)]

    @property
    def expected(self) -> list[dict[str, str]]:
        with (self.home / "expected_findings.csv").open(encoding="utf-8", newline="") as handle:
            return list(csv.DictReader(handle))

    def faulty(self, entity: str) -> set[str]:
        """Person ids of the case system with a fault planted in one of its extracts."""
        return {row["person_id"] for row in self.expected if row["entity"] == entity}


def table(file: Path) -> list[list[str]]:
    """The cells of a CSV (UTF-8, UTF-16 or cp1252) or of an XLSX as text."""
    if file.suffix == ".xlsx":
        sheet = load_workbook(file, read_only=True).active
        cells = [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
        return [row + [""] * (len(cells[0]) - len(row)) for row in cells]
    raw = file.read_bytes()
    encoding = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        text = raw.decode("cp1252")
    return list(csv.reader(text.splitlines()))


def read(extract: Extract, file: Path) -> list[dict[str, str]]:
    """Rows of one file by declared column name, with what the file name says."""
    header, *body = table(file)
    place = {}
    for column in extract.columns:
        if column.many:
            continue
        found = [i for i, name in enumerate(header) if column.accepts(name)]
        if found:
            place[column.name] = found[0]
    said = re.search(extract.file_pattern, file.name, re.IGNORECASE).groupdict()
    return [
        {name: cells[i] for name, i in place.items()} | said | {"_file": file.name, "_row": str(number)}
        for number, cells in enumerate(body, start=2)
    ]


def make(home: Path, plans: int = PLANS, pupils: int = PUPILS, **more: int) -> County:
    return County(home, generate(Settings.read(home), plans, pupils, **more))


@pytest.fixture(scope="session")
def county(tmp_path_factory: pytest.TempPathFactory) -> County:
    return make(tmp_path_factory.mktemp("county"))


@pytest.fixture(scope="session")
def rows(county: County) -> Callable[[str, str], list[dict[str, str]]]:
    """Rows of an extract, read once."""
    kept: dict[tuple[str, str], list[dict[str, str]]] = {}

    def get(source: str, entity: str) -> list[dict[str, str]]:
        if (source, entity) not in kept:
            kept[source, entity] = county.rows(source, entity)
        return kept[source, entity]

    return get
