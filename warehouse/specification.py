"""Typed readers over the rows in `warehouse/spec` and the input contracts in `models/staging/**/_*__sources.yml`.

dbt reads the same files. Nothing here is cached at import; a reader parses its file on first use.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from warehouse.settings import REPOSITORY

SPEC = REPOSITORY / "warehouse" / "spec"
STAGING = REPOSITORY / "models" / "staging"

# The source that a return is made from first of all, and the one of returns that were sent.
CASE_SYSTEM, SENT_RETURN = "ehc", "sen2_return"

# A value of a code column is shown to people where it stands in so many rows and is no longer than a code or its label;
# a rarer or longer one may be about one child.
SHOWN_FROM, LONGEST_CODE = 5, 40

# Columns that landing adds to every raw table.
TECHNICAL_COLUMNS = ("_receipt_id", "_source_file", "_source_row", "_file_hash", "_snapshot_date", "_landed_at")


@dataclass(frozen=True)
class Column:
    """One declared column of an extract. `name` is its name in raw and staging; the rest says how it arrives."""

    name: str
    data_type: str
    description: str = ""
    header: str | None = None
    aliases: tuple[str, ...] = ()
    header_pattern: str | None = None
    many: bool = False
    many_to: int | None = None
    required: bool = False
    code_set: str | None = None
    pii: bool = False
    format: str | None = None
    between: tuple[float, float] | None = None  # the least and the most that a number can mean, both included
    xpath: str | None = None
    from_file_name: bool = False
    optional: bool = False  # not in every file of the extract: its absence is no news
    given: bool = False  # made by the reader of the source, not in the file
    other_vintage: str | None = None  # a header that says: this is the file for the boundaries of another year
    repeated: bool = False  # its publisher prints the column twice: the first one counts

    @property
    def is_in_a_table(self) -> bool:
        """Whether it is a column of delimited files and sheets: one that XML has too says its header."""
        return not (self.from_file_name or self.given or (self.xpath and not self.header))

    @property
    def printed_header(self) -> str:
        """The header as the publisher prints it."""
        return self.header or self.name

    @property
    def normal_headers(self) -> set[str]:
        """Every header that means this column, as `normal_header` gives it."""
        return {normal_header(name) for name in (self.name, self.printed_header, *self.aliases)}

    def accepts(self, header: str) -> bool:
        """Whether a header in a delivered file means this column; case, spaces and punctuation do not count."""
        if not self.is_in_a_table:
            return False
        if normal_header(header) in self.normal_headers:
            return True
        return bool(self.header_pattern and re.search(self.header_pattern, header.strip(), re.IGNORECASE))


@dataclass(frozen=True)
class Extract:
    """One declared extract: a table of a source. `meta` is the table's meta as written in the YAML."""

    source: str
    entity: str
    description: str
    columns: tuple[Column, ...]
    meta: dict[str, Any]
    source_meta: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.source}.{self.entity}"

    @property
    def file_pattern(self) -> str:
        return self.meta["file_pattern"]

    @property
    def xml_pattern(self) -> str:
        """The names of XML files of a source that takes tables too; none where XML does not hold the extract."""
        if "record" not in self.meta:
            return r"(?!)"
        return self.source_meta.get("xml_pattern", self.file_pattern)

    @property
    def formats(self) -> tuple[str, ...]:
        return tuple(self.source_meta["formats"])

    @property
    def date_formats(self) -> tuple[str, ...]:
        return tuple(self.meta.get("date_formats") or self.source_meta.get("date_formats", ()))

    @property
    def key(self) -> tuple[str, ...]:
        return tuple(self.meta["key"])

    @property
    def is_whole(self) -> bool:
        """Whether one delivery is all of a period, so that two of a day are no parts but two versions."""
        return self.source_meta.get("reader") == "return"

    @property
    def is_optional(self) -> bool:
        """Whether a council may do without it: then its absence is no news."""
        return bool(self.meta.get("optional", self.source_meta.get("optional", False)))

    @property
    def period(self) -> tuple[str, ...]:
        """Columns that say which period a delivery covers; empty for a full snapshot."""
        return tuple(self.meta.get("period", ()))

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


@dataclass(frozen=True)
class Source:
    """One declared source and its extracts, in the order of the YAML."""

    name: str
    description: str
    meta: dict[str, Any]
    extracts: tuple[Extract, ...] = field(default=())

    @property
    def title(self) -> str:
        return self.meta["title"]

    @property
    def is_optional(self) -> bool:
        """Whether a council may do without all of it: then its absence is no news."""
        return all(extract.is_optional for extract in self.extracts)

    @property
    def known_not_used(self) -> dict[str, str]:
        """File patterns of what the source delivers and nobody reads, with the reason."""
        return {row["pattern"]: row["reason"] for row in self.meta.get("known_not_used", ())}

    @property
    def is_generated(self) -> bool:
        """Whether the generator writes it from the lives of the demonstration county."""
        return self.meta.get("generated", True)


def read_yaml(file: Path) -> Any:
    """A YAML file of ours, read by libyaml where it is there: in Python alone the sources take a second and more."""
    return yaml.load(file.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506


@cache
def sources() -> dict[str, Source]:
    """Every declared source by name, without what we write ourselves."""
    found = {}
    for file in sorted(STAGING.glob("*/_*__sources.yml")):
        for document in read_yaml(file)["sources"]:
            source = _source(document)
            if source.meta["world"] != "ours":
                found[source.name] = source
    return found


@cache
def ledger() -> dict[str, Extract]:
    """Landing's own tables (receipt, reject, door_result) by name."""
    return _ours("landing")


def register() -> dict[str, Extract]:
    """Linkage's own table (register) by name."""
    return _ours("person")


def reported() -> dict[str, Extract]:
    """The publisher's own table of what was told before (figure) by name."""
    return _ours("reported")


@cache
def _ours(source: str) -> dict[str, Extract]:
    document = read_yaml(STAGING / source / f"_{source}__sources.yml")
    return {extract.entity: extract for extract in _source(document["sources"][0]).extracts}


def extracts() -> tuple[Extract, ...]:
    """Every declared extract of every source."""
    return tuple(extract for source in sources().values() for extract in source.extracts)


def extract(source: str, entity: str) -> Extract:
    """One declared extract; KeyError if there is none."""
    for candidate in sources()[source].extracts:
        if candidate.entity == entity:
            return candidate
    raise KeyError(f"{source}.{entity} is not declared")


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """The rows of a spec file by its seed name, such as `code_sex` or `rule`; every value is text, blank is ''."""
    found = sorted(SPEC.rglob(f"{name}.csv"))
    if len(found) != 1:
        raise KeyError(f"expected one spec file {name}.csv, found {len(found)}")
    with found[0].open(encoding="utf-8", newline="") as handle:
        return tuple(csv.DictReader(handle))


def codes(code_set: str, year: int | None = None) -> dict[str, str]:
    """Code to label of one code set, optionally only those in force in a collection year."""
    return {row["code"]: row["label"] for row in rows(f"code_{code_set}") if year is None or in_force(row, year)}


def crosswalk(source: str, code_set: str) -> dict[str, str]:
    """What a source delivers in place of a code, to the code; empty where the source has no crosswalk for the set."""
    name = f"xwalk_{source}_{code_set}"
    if not any(SPEC.rglob(f"{name}.csv")):
        return {}
    return {row["local_value"]: row["code"] for row in rows(name)}


def meanings(source: str, code_set: str) -> dict[str, str]:
    """Everything that means a code, as `normal_header` gives it: codes, labels, and the words of the crosswalk."""
    known = codes(code_set)
    words = {**{label: code for code, label in known.items()}, **crosswalk(source, code_set), **{c: c for c in known}}
    return {normal_header(word): code for word, code in words.items()}


def nearest_code(value: str, source: str, code_set: str) -> str:
    """The code whose code, label or crosswalk is nearest to a value, by letters or by words; blank if none is near."""
    known = meanings(source, code_set)
    near = get_close_matches(normal_header(value), list(known), n=1, cutoff=0.7)
    if near:
        return known[near[0]]
    numbers = re.findall(r"[0-9]+", value)
    if len(numbers) == 1 and numbers[0] in codes(code_set):
        return numbers[0]
    mine = _telling(value)
    refusals = [code for code, label in codes(code_set).items() if re.search(r"\b(no|not)\b", label, re.IGNORECASE)]
    if len(refusals) == 1 and mine & _REFUSALS:
        return refusals[0]
    shared = {code: len(mine & _telling(label)) for code, label in codes(code_set).items()}
    best = max(shared, key=lambda code: shared[code], default="")
    return best if best and shared[best] * 2 > len(mine) else ""


# What is said for the one code of a set whose label says no.
_REFUSALS = frozenset({"refused", "declined", "rejected"})


def _telling(words: str) -> frozenset[str]:
    return frozenset(word for word in re.findall(r"[a-z]{3,}", words.lower()) if word not in ("and", "the", "not"))


def in_force(row: dict[str, str], year: int) -> bool:
    """Whether a row with first_year and last_year (inclusive, blank is open) holds in `year`."""
    return int(row.get("first_year") or 0) <= year <= int(row.get("last_year") or 9999)


@dataclass(frozen=True)
class Window:
    """When a return of one year is made: both days count. `deadline` is None where nobody has found it out."""

    year: int
    census_day: date
    deadline: date | None
    is_provisional: bool

    @classmethod
    def of(cls, row: Mapping[str, str]) -> Window:
        """From a row of warehouse/spec/returns/sen2/collection.csv."""
        return cls(
            int(row["collection_year"]),
            date.fromisoformat(row["census_day"]),
            date.fromisoformat(row["deadline"]) if row["deadline"] else None,
            row["is_provisional"] == "true",
        )

    def holds(self, day: date) -> bool:
        return self.deadline is not None and self.census_day <= day <= self.deadline


def windows() -> tuple[Window, ...]:
    """The window of every collection that is known."""
    return tuple(map(Window.of, rows("collection")))


def normal_header(header: str) -> str:
    """Lower case letters and digits only: 'LA (code)' and 'la_code' are the same header."""
    return re.sub(r"[^a-z0-9]", "", header.lower())


def _source(document: dict[str, Any]) -> Source:
    meta = document["config"]["meta"]
    tables = tuple(
        Extract(
            source=document["name"],
            entity=table["name"],
            description=table.get("description", ""),
            columns=tuple(_column(column) for column in table["columns"]),
            meta=table["config"]["meta"],
            source_meta=meta,
        )
        for table in document["tables"]
    )
    return Source(name=document["name"], description=document["description"], meta=meta, extracts=tables)


def _column(document: dict[str, Any]) -> Column:
    meta = dict(document.get("config", {}).get("meta", {}))
    meta["aliases"] = tuple(meta.get("aliases", ()))
    if "between" in meta:
        least, most = meta["between"] = tuple(meta["between"])
        is_number = document["data_type"] in ("integer", "decimal") and not (meta.get("many") or meta.get("code_set"))
        if not is_number or not least < most:
            raise ValueError(
                f"{document['name']}: between is the least and the most of one number, not of this column."
            )
    return Column(
        name=document["name"], data_type=document["data_type"], description=document.get("description", ""), **meta
    )
