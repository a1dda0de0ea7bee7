"""Excel workbooks: one sheet per extract, cells as the text that a CSV of the sheet would hold, dates as ISO."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from warehouse import excel
from warehouse.landing import csv_reader, encoding, header
from warehouse.landing.discover import Delivery, Target, unknown_file
from warehouse.landing.ledger import Reject
from warehouse.landing.quarantine import Quarantine
from warehouse.landing.staged import Staged
from warehouse.specification import Extract, normal_header


@contextmanager
def opened(file: str, path: Path) -> Iterator[excel.Workbook]:
    """The workbook, closed on exit. `file` is its name for messages. Raises Quarantine: empty_file or not_xlsx."""
    if path.stat().st_size == 0:
        raise Quarantine("empty_file", f"{file}: the file is empty (0 bytes). Export it again.")
    with path.open("rb") as handle:
        start = handle.read(512)
    if not start.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        text, other = "a text file; if it is a CSV, give it the name .csv", "something else, or damaged"
        words = encoding.what_it_is(start) or (text if encoding.is_text(start) else other)
        raise Quarantine(
            "not_xlsx", f"{file}: this is no Excel workbook (.xlsx) but {words}. Save it as .xlsx or .csv, unprotected."
        )
    try:
        with excel.opened(path) as workbook:
            yield workbook
    except excel.Refused as refusal:
        raise Quarantine("not_xlsx", f"{file}: {refusal}.") from None


def sheets(delivery: Delivery, workbook: excel.Workbook, targets: list[Target]) -> list[tuple[Target, str]]:
    """Which sheet holds which extract.

    A file named for an extract holds it on the sheet of that name, else on the first sheet; any other workbook is read
    by its sheets' names. Raises Quarantine: unknown_file.
    """
    names = {normal_header(name): name for name in workbook.names}
    if targets:
        wanted = normal_header(targets[0].extract.meta.get("sheet", ""))
        return [(targets[0], names.get(wanted) or workbook.names[0])]
    found = []
    for extract in delivery.source.extracts:
        sheet = extract.meta.get("sheet")
        if sheet:
            for spelling in (sheet, f"{extract.source}_{sheet}"):
                if normal_header(spelling) in names:
                    found.append((Target(extract, {}), names[normal_header(spelling)]))
                    break
    if not found:
        raise unknown_file(delivery)
    return found


def unread(workbook: excel.Workbook, read: list[str]) -> list[int]:
    """Positions (first sheet 1) of sheets that hold something, or that cannot be read, and are no declared extract."""
    return [workbook.position(name) for name in workbook.names if name not in read and not _is_empty(workbook, name)]


def _is_empty(workbook: excel.Workbook, sheet: str) -> bool:
    try:
        return not any(any(cell != "" for cell in row) for row in workbook.rows(sheet))
    except excel.Refused:
        return False


def cells(file: str, workbook: excel.Workbook, sheet: str) -> list[list[str]]:
    """The rows of a sheet as text, from the first on. Raises Quarantine: not_xlsx."""
    try:
        return [[as_text(cell) for cell in row] for row in workbook.rows(sheet)]
    except excel.Refused as refusal:
        raise Quarantine("not_xlsx", f"{_place(file, workbook, sheet)}: {refusal}.") from None


def _place(file: str, workbook: excel.Workbook, sheet: str) -> str:
    return f"{file} (sheet {workbook.position(sheet)})"


def read(file: str, workbook: excel.Workbook, sheet: str, extract: Extract, scratch: Path) -> Staged:
    """Stage one sheet. Record numbers are Excel's row numbers.

    Raises Quarantine: not_xlsx, no_rows, wrong_header, header_not_first, duplicate_header, total_row.
    """
    rows = cells(file, workbook, sheet)
    place = _place(file, workbook, sheet)
    if not any(any(row) for row in rows):
        raise Quarantine("empty_file", f"{place}: the sheet is empty. Export it again.")
    above = header.lines_above(extract)  # a published workbook can have a title that is always there
    first = above + header.lines_below(extract) + 2
    rows = rows[above:]
    layout = header.layout(place, rows[: header.SEARCHED], extract)
    width = max(position + 1 for position, cell in enumerate(rows[0]) if cell.strip())
    below = enumerate(rows[first - above - 1 :], start=first)
    body = [(number, row) for number, row in below if any(cell.strip() for cell in row)]
    texts = dict(body)
    rejects: list[Reject] = []
    while extract.meta.get("drops_totals") and body and csv_reader.is_total(body[-1][1], layout, extract):
        number, row = body.pop()
        rejects.append(csv_reader.total_row(number, "\t".join(row)))
    if not body:
        raise Quarantine("no_rows", f"{place}: there is a header and no row below it. Export the file again.")
    if csv_reader.is_total(body[-1][1], layout, extract):
        raise Quarantine(
            "total_row",
            f"{place}: row {body[-1][0]} is a total, so this is a report and not an extract. "
            f"Delete that row, or export the table without totals.",
        )
    target = scratch / f"{extract.entity}.csv"
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for number, row in body:
            if any(cell.strip() for cell in row[width:]):
                rejects.append(csv_reader.too_many(number, width, "\t".join(row)))
            else:
                writer.writerow([number, *row[:width]])
    return Staged(
        file=target,
        delimiter=",",
        width=width,
        fields=layout.fields,
        numbered=True,
        received=len(texts),
        rejects=tuple(rejects),
        raw_text=lambda wanted: {number: "\t".join(texts[number]) for number in wanted if number in texts},
        encoding="xlsx",
        missing=layout.missing,
        ignored=layout.ignored,
    )


def as_text(cell: Any) -> str:
    """A cell as text: 2027-01-21 for a date, 42 for 42.0, true for TRUE."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell)
