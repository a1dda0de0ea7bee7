"""Delimited text. DuckDB reads it; where a file is too odd for that, a slower reader goes record by record."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from warehouse.landing import encoding, header
from warehouse.landing.ledger import Reject
from warehouse.landing.quarantine import Quarantine
from warehouse.landing.staged import Staged
from warehouse.specification import Extract

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
# As many as the widest sheet of Excel.
MOST_COLUMNS = 16_384
_HEAD = 1 << 18
_LONGEST_FIELD = 1 << 20
_TOTAL = re.compile(r"^\W*(grand |sub-?|overall )?totals?\b", re.IGNORECASE)
_NUMBER = re.compile(r"^[£(-]?\d[\d,]*(\.\d+)?\)?%?$")


def read(file: str, path: Path, extract: Extract, scratch: Path) -> Staged:
    """Judge a delimited file whole and stage it for DuckDB. `file` is its name for messages.

    Raises Quarantine: empty_file, not_text, bad_encoding, endless_line, wrong_header, header_not_first,
    duplicate_header, no_rows, total_row, truncated.
    """
    if path.stat().st_size == 0:
        raise Quarantine("empty_file", f"{file}: the file is empty (0 bytes). Export it again.")
    found = encoding.detect(file, path)
    text = encoding.as_utf8(path, found, scratch)
    encoding.refuse_endless_line(file, text)
    start = head(text)
    above = header.lines_above(extract)
    _refuse_endless_header(file, start[: above + 1])
    first = above + header.lines_below(extract) + 2
    delimiter = _delimiter(start, extract)
    layout = header.layout(file, records(start, delimiter, above)[above:], extract)
    totals: tuple[Reject, ...] = ()
    if extract.meta.get("drops_totals"):
        text, totals = _without_totals(text, delimiter, layout, extract, scratch)
    survey = encoding.survey(text, delimiter)
    if survey.records < first and not (survey.has_quotes and _has_rows(file, text, delimiter, first)):
        raise Quarantine("no_rows", f"{file}: there is a header and no row below it. Export the file again.")
    _refuse_total_row(file, text, delimiter, layout, extract)
    return Staged(
        file=text,
        delimiter=delimiter,
        width=layout.width,
        fields=layout.fields,
        numbered=False,
        received=survey.records - first + 1 + len(totals),
        rejects=totals,
        raw_text=lambda wanted: raw_text(text, delimiter, wanted, survey.has_quotes),
        is_padded=survey.is_padded,
        ends_with_newline=survey.ends_with_newline,
        encoding=found.removesuffix("-sig"),
        printed_delimiter=DELIMITERS[delimiter],
        missing=layout.missing,
        ignored=layout.ignored,
        first_record=first,
    )


def sieve(file: str, staged: Staged, scratch: Path) -> Staged:
    """The same file record by record: good ones into a numbered file, the others into rejects.

    For files that DuckDB does not account for to the last record: blank lines, mixed line ends, stray quotes.
    Raises Quarantine: truncated or endless_line.
    """
    target = scratch / "sieved.csv"
    received, rejects = len(staged.rejects), list(staged.rejects)
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for number, values, raw in _each(file, staged.file, staged.delimiter):
            if number < staged.first_record or values == []:
                continue
            received += 1
            extra = values is not None and values[staged.width :]
            if values is None:
                rejects.append(broken_quote(number, raw))
            elif len(values) < staged.width:
                rejects.append(too_few(number, len(values), staged.width, raw))
            elif any(extra):
                rejects.append(too_many(number, staged.width, raw))
            else:
                writer.writerow([number, *values[: staged.width]])
    return replace(
        staged, file=target, delimiter=",", numbered=True, received=received, rejects=tuple(rejects), is_padded=True
    )


def raw_text(path: Path, delimiter: str, wanted: set[int], has_quotes: bool) -> dict[int, str]:
    """The delivered text of some records by record number, without its line end. Without quotes a record is a line."""
    records = ((number, raw) for number, _, raw in _each("", path, delimiter)) if has_quotes else _lines(path)
    found = {}
    for number, raw in records:
        if number in wanted:
            found[number] = raw
            if len(found) == len(wanted):
                break
    return found


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Every line with its number, without its end."""
    with path.open(encoding="utf-8-sig", newline="") as handle:
        for number, line in enumerate(handle, start=1):
            yield number, line.rstrip("\r\n")


def too_few(number: int, fields: int | None, width: int, raw: str) -> Reject:
    """A record shorter than the header."""
    has = f"has {fields} fields, the header has {width}" if fields else f"has fewer fields than the header ({width})"
    return Reject(
        number, "too_few_fields", "", f"Record {number} {has}. Look for a line break inside a value, and quote it.", raw
    )


def too_many(number: int, width: int, raw: str) -> Reject:
    """A record longer than the header."""
    return Reject(
        number,
        "too_many_fields",
        "",
        f"Record {number} has more fields than the header ({width}). Quote each value that holds the separator.",
        raw,
    )


def total_row(number: int, raw: str) -> Reject:
    """A record that adds up others, where a profile expects one."""
    return Reject(number, "total_row", "", f"Record {number} is a total and was left out, as the profile says.", raw)


def broken_quote(number: int, raw: str) -> Reject:
    """A record with text after a closing quote."""
    return Reject(
        number,
        "broken_quote",
        "",
        f"Record {number} has text after a closing quote. Double each quote that belongs to a value.",
        raw,
    )


def truncated(file: str, number: int) -> Quarantine:
    """The refusal of a file that stops in the middle of a record."""
    return Quarantine(
        "truncated",
        f"{file}: the last record ({number}) stops before its last column and has no line end: the file was cut off. "
        f"Export or copy it again.",
    )


def _each(file: str, path: Path, delimiter: str) -> Iterator[tuple[int, list[str] | None, str]]:
    """Every record: its number (header 1, blank lines counted), its values (None if badly quoted), its text."""
    csv.field_size_limit(_LONGEST_FIELD)
    lines: list[str] = []
    started = 1

    def remembered(handle: Iterator[str]) -> Iterator[str]:
        for line in handle:
            lines.append(line)
            yield line

    with path.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.reader(remembered(handle), delimiter=delimiter, strict=True, skipinitialspace=True)
        for number in _count_from_one():
            lines.clear()
            started = reader.line_num + 1
            try:
                values = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                if "unexpected end of data" in str(error):
                    raise Quarantine(
                        "truncated",
                        f"{file}: a quote opened on line {started} is never closed. "
                        f"Close it, or export the file again if it was cut off.",
                    ) from None
                if "field larger" in str(error):
                    raise Quarantine(
                        "endless_line",
                        f"{file}: the record on line {started} holds a value of more than {_LONGEST_FIELD >> 20} MB, "
                        "as no extract does. Look for a quote that is opened there and not closed.",
                    ) from None
                values = None
            yield number, values, "".join(lines).rstrip("\r\n")


def _has_rows(file: str, path: Path, delimiter: str, first: int) -> bool:
    """Whether any record follows the header: the survey's count is misled by a quote inside an unquoted value."""
    return any(number >= first and values != [] for number, values, _ in _each(file, path, delimiter))


def _count_from_one() -> Iterator[int]:
    number = 0
    while True:
        yield (number := number + 1)


def head(path: Path) -> list[str]:
    """The first lines of a UTF-8 file."""
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return handle.read(_HEAD).splitlines(keepends=True)


def records(lines: list[str], delimiter: str, above: int = 0) -> list[list[str]]:
    """The first records, read leniently: enough to find the header below so many lines."""
    csv.field_size_limit(_LONGEST_FIELD)
    found = []
    for record in csv.reader(lines, delimiter=delimiter, skipinitialspace=True):
        found.append(record)
        if len(found) == header.SEARCHED + above:
            break
    return found


def _refuse_endless_header(file: str, lines: list[str]) -> None:
    """No header, or a header of more columns than a sheet can have: what follows would take hours and much memory."""
    for line in lines:
        if len(line) >= _HEAD or max(map(line.count, DELIMITERS)) >= MOST_COLUMNS:
            raise Quarantine(
                "wrong_header",
                f"{file}: its first line has more than {MOST_COLUMNS:,} columns or {_HEAD:,} characters, as no header "
                "has. Export the table again with its own columns alone.",
            )


def _delimiter(lines: list[str], extract: Extract) -> str:
    """The one that makes the most declared columns out of some line; of equals the comma."""
    above = header.lines_above(extract)
    for candidate in DELIMITERS:
        if header.names_all_required(next(iter(records(lines, candidate, above)[above:]), []), extract):
            return candidate
    return max(DELIMITERS, key=lambda candidate: _matches(records(lines, candidate, above), extract))


def _matches(records: list[list[str]], extract: Extract) -> int:
    return max((header.recognised(record, extract) for record in records), default=0)


def _refuse_total_row(file: str, path: Path, delimiter: str, layout: header.Layout, extract: Extract) -> None:
    """A last row that adds up the others is no record, and shows that the file is a report and not an extract."""
    size = path.stat().st_size
    with path.open("rb") as handle:
        handle.seek(max(0, size - _HEAD))
        tail = re.split(r"\r\n|\n|\r", handle.read().decode("utf-8", errors="replace"))
    last = next((line for line in reversed(tail) if line.strip()), "")
    if last.count('"') % 2:
        return  # the end of a value with a line break in it: no line that stands alone
    values = next(iter(csv.reader([last], delimiter=delimiter, skipinitialspace=True)), [])
    if is_total(values, layout, extract):
        raise Quarantine(
            "total_row",
            f"{file}: the last row is a total, so this is a report and not an extract. "
            f"Delete the last row, or export the table without totals.",
        )


def _without_totals(
    path: Path, delimiter: str, layout: header.Layout, extract: Extract, scratch: Path
) -> tuple[Path, tuple[Reject, ...]]:
    """The file up to the totals at its end, and those as rejects; the file itself where there are none."""
    size = path.stat().st_size
    with path.open("rb") as handle:
        handle.seek(max(0, size - _HEAD))
        lines = handle.read().splitlines(keepends=True)
    dropped: list[bytes] = []
    while lines and (not lines[-1].strip() or _is_total_line(lines[-1], delimiter, layout, extract)):
        dropped.insert(0, lines.pop())
    if not any(line.strip() for line in dropped):
        return path, ()
    body = scratch / f"{path.stem}.body"
    with path.open("rb") as source, body.open("wb") as target:
        left = size - sum(map(len, dropped))
        while left and (piece := source.read(min(left, encoding.CHUNK))):
            target.write(piece)
            left -= len(piece)
    records = encoding.survey(body, delimiter).records
    numbered = enumerate((line.decode("utf-8", errors="replace").rstrip("\r\n") for line in dropped), records + 1)
    return body, tuple(total_row(number, line) for number, line in numbered if line.strip())


def _is_total_line(line: bytes, delimiter: str, layout: header.Layout, extract: Extract) -> bool:
    said = line.decode("utf-8", errors="replace")
    if said.count('"') % 2:
        return False  # the end of a value with a line break in it
    return is_total(next(iter(csv.reader([said], delimiter=delimiter, skipinitialspace=True)), []), layout, extract)


def is_total(values: list[str], layout: header.Layout, extract: Extract) -> bool:
    """Whether a row is a total: it says so and is otherwise no record, or it has numbers and no key."""
    filled = [value.strip() for value in values if value.strip()]
    if not filled:
        return False
    stated = {name: values[position].strip() for name, position in layout.fields.items() if position < len(values)}
    required = [column.name for column in extract.columns if column.required and column.name in layout.fields]
    key = [name for name in extract.key if name in layout.fields]
    if _TOTAL.match(filled[0]):
        only_counts = all(_NUMBER.match(value) for value in filled[1:])
        return only_counts or not all(stated.get(name) for name in required) or len(required) < 2
    has_no_key = bool(key) and not any(stated.get(name) for name in key)
    return has_no_key and all(_NUMBER.match(value) for value in filled)
