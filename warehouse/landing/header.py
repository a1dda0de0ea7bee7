"""From a header row to declared columns: the same rules for CSV and XLSX."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from warehouse.landing.quarantine import Quarantine
from warehouse.specification import Column, Extract, normal_header

# How far down a title block may push the header before we stop looking for it.
SEARCHED = 20
_NEAR = 0.6
# Letters that a header may have beyond the name it is taken for and still be quoted: one letter is nobody's name.
_SLIP = 1


@dataclass(frozen=True)
class Layout:
    """Where each raw column stands in the file. `fields` maps a raw column name to a position, first field 0."""

    fields: dict[str, int]
    width: int
    missing: tuple[str, ...]
    ignored: tuple[str, ...]


def raw_columns(extract: Extract) -> tuple[str, ...]:
    """The raw column names of an extract; a `many` column gives <name>_0 to <name>_<many_to>."""
    names: list[str] = []
    for column in extract.columns:
        if column.many:
            names += [f"{column.name}_{n}" for n in range((column.many_to or 0) + 1)]
        else:
            names.append(column.name)
    return tuple(names)


def recognised(cells: list[str], extract: Extract) -> int:
    """How many declared columns a row names. A `many` column does not count: its headers look like data."""
    columns = [column for column in extract.columns if not column.many]
    return sum(any(column.accepts(cell) for cell in cells if cell.strip()) for column in columns)


def header_row(rows: list[list[str]], extract: Extract) -> int:
    """Index of the row that names most declared columns, 0 if none does; the first of equals."""
    return max(range(len(rows)), key=lambda index: (recognised(rows[index], extract), -index), default=0)


def names_all_required(cells: list[str], extract: Extract) -> bool:
    """Whether a row can only be the header: it names every required column."""
    required = _required(extract)
    return bool(required) and all(any(c.accepts(cell) for cell in cells if cell.strip()) for c in required)


def layout(file: str, rows: list[list[str]], extract: Extract) -> Layout:
    """Read the header off the first rows of a file, from the line on where it has to stand.

    Raises Quarantine: header_not_first, wrong_header, wrong_vintage or duplicate_header. Only headers close to a
    declared name are quoted, because a file without a header has a child's values where the header should be.
    """
    cells = rows[0] if rows else []
    index = 0 if names_all_required(cells, extract) else header_row(rows, extract)
    above = lines_above(extract)
    if index > 0 and not _missing(_positions(file, rows[index], extract), extract):
        lines = f"{index} line{'s' if index > 1 else ''}"
        mend = (
            f"Say header_row: {above + index + 1} in the profile"
            if extract.meta.get("profile")
            else f"Delete the {lines} above it"
        )
        raise Quarantine(
            "header_not_first",
            f"{file}: the header is on line {above + index + 1}, not on line {above + 1}. "
            f"{mend} and deliver the file again.",
        )
    fields = _positions(file, cells, extract)
    missing = _missing(fields, extract)
    if missing:
        _refuse_other_vintage(file, cells, missing, extract)
        raise Quarantine("wrong_header", _wrong_header(file, cells, missing, extract))
    taken = set(fields.values())
    return Layout(
        fields=fields,
        width=_width(cells, rows[1] if len(rows) > 1 else cells),
        missing=tuple(
            column.printed_header
            for column in extract.columns
            if _in_file(column) and not (column.many or column.optional) and column.name not in fields
        ),
        ignored=tuple(cell.strip() for position, cell in enumerate(cells) if position not in taken and cell.strip()),
    )


def lines_above(extract: Extract) -> int:
    """How many lines stand above the header, always: a title, as the declaration or the profile says."""
    return int(extract.meta.get("lines_above_header", 0))


def lines_below(extract: Extract) -> int:
    """How many lines beneath the header are no records, as the profile says."""
    return int(extract.meta.get("lines_below_header", 0))


def _width(cells: list[str], first: list[str]) -> int:
    """Fields of a record: those of the header, but for blank ones at its end that the rows do not have."""
    named = max((position + 1 for position, cell in enumerate(cells) if cell.strip()), default=0)
    return min(len(cells), max(named, len(first)))


def _positions(file: str, cells: list[str], extract: Extract) -> dict[str, int]:
    fields: dict[str, int] = {}
    for column in extract.columns:
        found = [position for position, cell in enumerate(cells) if cell.strip() and column.accepts(cell)]
        if column.many:
            for position in found:
                name = f"{column.name}_{int(re.search(column.header_pattern, cells[position].strip(), re.I).group(1))}"
                if name in fields:
                    raise _duplicate(file, column, [cells[fields[name]], cells[position]])
                fields[name] = position
        elif len(found) > 1 and not column.repeated:
            fields[column.name] = _newest_vintage(file, column, cells, found)
        elif found:
            fields[column.name] = found[0]
    return fields


def _newest_vintage(file: str, column: Column, cells: list[str], found: list[int]) -> int:
    """Of lad22cd and lad25cd the newest; anything else that two headers claim is for people to settle."""
    exact = {normal_header(name) for name in (column.name, column.printed_header, *column.aliases)}
    stems = {re.sub(r"\d", "", cells[position].strip().lower()) for position in found}
    years = [int(re.sub(r"\D", "", cells[position]) or -1) for position in found]
    if len(stems) == 1 and len(set(years)) == len(years) and not any(normal_header(cells[p]) in exact for p in found):
        return found[years.index(max(years))]
    raise _duplicate(file, column, [cells[position] for position in found])


def _duplicate(file: str, column: Column, headers: list[str]) -> Quarantine:
    names = " and ".join(f"'{header.strip()}'" for header in headers)
    return Quarantine(
        "duplicate_header",
        f"{file}: {names} both mean the column {column.printed_header}. "
        f"Delete or rename the one that does not hold it and deliver the file again.",
    )


def _refuse_other_vintage(file: str, cells: list[str], missing: list[Column], extract: Extract) -> None:
    """A key of other boundaries: codes of two years look alike, and the same one can be another place."""
    for column in missing:
        for cell in cells:
            if column.other_vintage and re.search(column.other_vintage, cell.strip(), re.IGNORECASE):
                raise Quarantine(
                    "wrong_vintage",
                    f"{file}: '{cell.strip()}' is the key of other boundaries than {extract.name} holds, whose key is "
                    f"{column.printed_header}. Deliver the edition of that year, or give the file the name of the "
                    f"extract that takes it; areas of two years are joined by the look-up of changes alone.",
                )


def _missing(fields: dict[str, int], extract: Extract) -> list[Column]:
    return [column for column in _required(extract) if column.name not in fields]


def _required(extract: Extract) -> list[Column]:
    return [column for column in extract.columns if column.required and _in_file(column) and not column.many]


def _in_file(column: Column) -> bool:
    return column.is_in_a_table or column.given


def _wrong_header(file: str, cells: list[str], missing: list[Column], extract: Extract) -> str:
    wanted = ", ".join(column.printed_header for column in missing)
    line = lines_above(extract) + 1
    if recognised(cells, extract) == 0:
        return (
            f"{file}: line {line} is no header: it names none of the columns of {extract.name}. "
            f"Export the file again with its header row; it must have {wanted}."
        )
    unknown = [cell.strip() for cell in cells if cell.strip() and not any(c.accepts(cell) for c in extract.columns)]
    hints = []
    for column in missing:
        near = difflib.get_close_matches(
            normal_header(column.printed_header), [normal_header(cell) for cell in unknown], n=1, cutoff=_NEAR
        )
        hints += [
            f"{_said(cell, column, cells)} may be {column.printed_header}"
            for cell in unknown
            if near and normal_header(cell) == near[0]
        ]
    return (
        f"{file}: the header on line {line} lacks {wanted}. "
        + (f"Nearest: {'; '.join(hints)}. " if hints else "")
        + "Rename the header, or add the column to the export, and deliver the file again."
    )


def _said(cell: str, column: Column, cells: list[str]) -> str:
    """A header in quotes; by its place where it goes on behind the name or differs by more than a slip: in a damaged
    file a value of the first row may hang on it, or stand in it."""
    name, wanted = normal_header(cell), normal_header(column.printed_header)
    alike = sum(block.size for block in difflib.SequenceMatcher(None, wanted, name).get_matching_blocks())
    if name.startswith(wanted) or len(name) - alike > _SLIP:
        return f"column {[each.strip() for each in cells].index(cell) + 1}"
    return f"'{cell}'"
