"""A return as the nine CSV files that COLLECT exports ("Blade-Export"), written record by record beside the XML.

Tables, columns and their order come from the rows; what the columns hold is what the XML holds, so that both say the
same. `NativeId` and `sourceid` are COLLECT's own and stay blank: what it puts there could not be read.
Files, keys and dates: SEN2 reference 6.3.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

from warehouse.returns.layout import Module

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DATE_TIME = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:T([0-9]{2}:[0-9]{2}:[0-9]{2}))?")
# The table of what there is once, and so has no id: the header.
_SINGLE = "sen2"


class Export:
    """Nine files in `folder`, open while inside `with`. Give it each record as the XML takes it, parents first."""

    def __init__(self, message: Module, folder: Path, day: date):
        folder.mkdir(parents=True, exist_ok=True)
        self._stack = ExitStack()
        self._sheets: dict[str, Any] = {}
        self._numbers: Counter[str] = Counter()
        self._single: dict[str, str] = {}
        for table, columns in tables(message).items():
            file = folder / f"Blade-Export_{day:%d-%m-%Y}_{table}.csv"
            handle = self._stack.enter_context(file.open("w", encoding="utf-8", newline=""))
            self._sheets[table] = csv.writer(handle, lineterminator="\r\n")
            self._sheets[table].writerow(columns)

    def add(self, module: Module, above: int, place: int, values: dict[str, str]) -> int:
        """One record: the number of the record above it, its place among those of its kind there, text by element.

        Returns its own number, for the records under it.
        """
        cells = [_cell(item.data_type, values.get(item.element, "")) for item in module.items]
        if not module.key:
            self._single |= dict(zip((item.tag for item in module.items), cells, strict=True))
            return 1
        number = self._numbers[module.name] = self._numbers[module.name] + 1
        self._sheets[module.tag.lower()].writerow((number, "", place, "", above, *cells))
        return number

    def __enter__(self) -> Export:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        """Close the files; the header, which is whole only now, is written first unless something went wrong."""
        with self._stack:
            if kind is None:
                self._sheets[_SINGLE].writerow((1, "", 1, "", *self._single.values()))


def tables(message: Module) -> dict[str, tuple[str, ...]]:
    """Table → its columns in order: the keys, then the items, all in lower case but for COLLECT's own NativeId."""
    found: dict[str, tuple[str, ...]] = {}

    def walk(module: Module, above: str) -> None:
        name = above
        if module.table:
            name = module.tag.lower() if module.key else _SINGLE
            keys = (f"{name}tableid", "NativeId", f"{name}orderseqcolumn", "sourceid")
            if module.key:
                keys += (f"{above}tableid",)
            found[name] = (*found.get(name, keys), *(item.tag.lower() for item in module.items))
        for child in module.modules:
            walk(child, name)

    walk(message, _SINGLE)
    return found


def _cell(data_type: str, text: str) -> str:
    """A value as COLLECT writes it: a day is 2025-Jan-31 00:00:00."""
    if data_type not in ("date", "date_time") or not (found := _DATE_TIME.fullmatch(text)):
        return text
    year, month, day, time = found.groups()
    return f"{year}-{_MONTHS[int(month) - 1]}-{day} {time or '00:00:00'}"
