"""Boundaries as GeoJSON (RFC 7946): one row per feature, read as a stream, in the memory of one feature."""

from __future__ import annotations

import codecs
import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from warehouse.landing import encoding, header
from warehouse.landing.quarantine import Quarantine
from warehouse.landing.staged import Staged
from warehouse.specification import Column, Extract

# A county in full resolution takes less; a file that needs more for one area is of no use in a table.
LARGEST_GEOMETRY = 2_000_000
LARGEST_VALUE = 4 * LARGEST_GEOMETRY
GEOMETRY = "geometry"
CODE_PROPERTY = "code_property"
CRS = "crs"
_SPACE = re.compile(r"[ \t\r\n]*")
_LONGEST_WORD = len("\\u00e9")  # what a cut can leave half of, beside numbers and texts


class _Broken(Exception):
    """The text is no JSON here, or it ended."""

    def __init__(self, is_cut_off: bool = False) -> None:
        super().__init__()
        self.is_cut_off = is_cut_off


def read(file: str, path: Path, extract: Extract, scratch: Path) -> Staged:
    """Stage the features of a FeatureCollection: properties by their names, the geometry as text.

    `code_property` is the name of the property that holds the area's code (LSOA21CD says what kind of area it is and of
    which year), `crs` the coordinate system where one is stated; without one it is WGS84. Row numbers count features.
    Raises Quarantine: empty_file, not_text, bad_encoding, wrong_root, unsafe_json, truncated, not_well_formed, no_rows,
    wrong_header, duplicate_header.
    """
    _refuse_binary(file, path)
    columns = [column for column in extract.columns if not column.from_file_name]
    target = scratch / f"{extract.entity}.csv"
    layout: header.Layout | None = None
    names: dict[str, str] = {}
    count = 0
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for feature, crs in _features(file, path):
            count += 1
            properties, geometry = _parts(file, feature, count)
            if layout is None:
                layout = header.layout(file, [[*properties, GEOMETRY]], extract)
                found = [*properties, GEOMETRY]
                names = {column: found[position] for column, position in layout.fields.items()}
            values = {**properties, GEOMETRY: geometry}
            made = {CODE_PROPERTY: names.get("area_code", ""), CRS: crs}
            writer.writerow([count, *(_cell(column, names, values, made) for column in columns)])
    if layout is None:
        raise Quarantine("no_rows", f"{file}: the collection holds no feature. Download the boundaries again.")
    return Staged(
        file=target,
        delimiter=",",
        width=len(columns),
        fields={column.name: position for position, column in enumerate(columns)},
        numbered=True,
        received=count,
        rejects=(),
        raw_text=lambda wanted: {
            number: json.dumps(feature.get("properties"))
            for number, (feature, _) in enumerate(_features(file, path), start=1)
            if number in wanted
        },
        encoding="utf-8",
        missing=layout.missing,
        ignored=layout.ignored,
    )


def _cell(column: Column, names: dict[str, str], values: dict[str, Any], made: dict[str, str]) -> str:
    value = made.get(column.name) if column.given else values.get(names.get(column.name, ""))
    return "" if value is None else str(value)


def _parts(file: str, feature: Any, number: int) -> tuple[dict[str, Any], str]:
    """Properties that are single values, and the geometry as text. Raises Quarantine: wrong_root, unsafe_json."""
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise Quarantine("wrong_root", f"{file}: item {number} of the collection is no Feature. {_MEND}")
    properties = feature.get("properties") or {}
    if not isinstance(properties, dict):
        raise Quarantine("wrong_root", f"{file}: the properties of feature {number} are no table of names. {_MEND}")
    geometry = feature.get(GEOMETRY)
    text = json.dumps(geometry, separators=(",", ":")) if geometry else ""
    single = {str(name): value for name, value in properties.items() if not isinstance(value, dict | list)}
    if len(text) + sum(len(str(value)) for value in single.values()) > LARGEST_GEOMETRY:
        raise Quarantine(
            "unsafe_json",
            f"{file}: feature {number} is larger than {LARGEST_GEOMETRY:,} characters. "
            f"Download the boundaries in a generalised resolution (BGC or BUC).",
        )
    return single, text


_MEND = "Boundaries are delivered as a GeoJSON FeatureCollection, as the ONS Open Geography Portal gives it."


def _features(file: str, path: Path) -> Iterator[tuple[Any, str]]:
    """Each item of `features`, with the name of the coordinate system if it was stated before them."""
    text = _Text(file, path)
    seen: dict[str, Any] = {}
    try:
        text.take("{", first=True)
        while True:
            name = text.value()
            text.take(":")
            if name == "features":
                if name in seen:
                    raise Quarantine("wrong_root", f"{file}: it holds several lists of features. {_MEND}")
                yield from ((feature, _crs(seen)) for feature in text.items())
                seen[name] = True
            else:
                seen[str(name)] = text.value()
            if text.take(",}") == "}":
                break
        text.end()
    except _Broken as error:
        raise text.broken(error) from None
    if seen.get("type") != "FeatureCollection" or "features" not in seen:
        raise Quarantine("wrong_root", f"{file}: this is JSON and no FeatureCollection. {_MEND}")


def _crs(seen: dict[str, Any]) -> str:
    crs = seen.get("crs")
    properties = crs.get("properties") if isinstance(crs, dict) else None
    return str(properties.get("name", "")) if isinstance(properties, dict) else ""


def _no_constant(_: str) -> None:
    raise _Broken  # NaN and Infinity are no JSON


class _Text:
    """JSON text read a chunk at a time: one value at once, never more of it than LARGEST_VALUE characters."""

    def __init__(self, file: str, path: Path) -> None:
        self.file = file
        self.chunks = encoding.chunks(path)
        self.decode = codecs.getincrementaldecoder("utf-8-sig")()
        self.decoder = json.JSONDecoder(parse_constant=_no_constant)
        self.buffer = ""
        self.place = 0
        self.at_end = False

    def take(self, wanted: str, first: bool = False) -> str:
        """The next character that is no space, if it is one of `wanted`. Raises _Broken, at the start Quarantine."""
        char = self._peek()
        if char == "" or char not in wanted:
            if first:
                raise Quarantine("wrong_root", f"{self.file}: this is no JSON object. {_MEND}")
            raise _Broken(is_cut_off=char == "")
        self.place += 1
        return char

    def end(self) -> None:
        """Nothing but space follows. Raises _Broken: what follows would be lost, as where files were put end to end."""
        if self._peek():
            raise _Broken

    def items(self) -> Iterator[Any]:
        """The values of a list."""
        self.take("[")
        if self._peek() == "]":
            self.place += 1
            return
        while True:
            yield self.value()
            if self.take(",]") == "]":
                return

    def value(self) -> Any:
        """The next value, whole. Raises _Broken or Quarantine: unsafe_json."""
        self._peek()
        while True:
            try:
                value, end = self.decoder.raw_decode(self.buffer, self.place)
            except RecursionError:
                raise self._unsafe("is nested too deeply") from None
            except json.JSONDecodeError as error:
                # Broken, or not all here yet: a parser cannot say which until the file has ended.
                if self.at_end:
                    near_end = len(self.buffer.rstrip()) - error.pos <= _LONGEST_WORD
                    raise _Broken(near_end or error.msg.startswith("Unterminated")) from None
                if len(self.buffer) - self.place > LARGEST_VALUE:
                    raise self._unsafe(f"holds a value of more than {LARGEST_VALUE:,} characters") from None
            except ValueError:  # a number of thousands of digits
                raise self._unsafe("holds a number of thousands of digits") from None
            else:
                # A number can go on in the next chunk.
                if end < len(self.buffer) or self.at_end:
                    self.place = end
                    return value
            self._fill()

    def _peek(self) -> str:
        while True:
            self.place = _SPACE.match(self.buffer, self.place).end()
            if self.place < len(self.buffer):
                return self.buffer[self.place]
            if self.at_end:
                return ""
            self._fill()

    def _fill(self) -> None:
        """As much again as is waiting, so that a long value is parsed a few times only."""
        self.buffer = self.buffer[self.place :]
        self.place = 0
        wanted = len(self.buffer) + encoding.CHUNK
        parts = [self.buffer]
        while sum(map(len, parts)) < wanted and not self.at_end:
            chunk = next(self.chunks, b"")
            self.at_end = chunk == b""
            try:
                parts.append(self.decode.decode(chunk, final=self.at_end))
            except UnicodeDecodeError:
                raise Quarantine(
                    "bad_encoding",
                    f"{self.file}: it holds bytes that are no UTF-8, as JSON has to be. Download it again.",
                ) from None
        self.buffer = "".join(parts)

    def broken(self, error: _Broken) -> Quarantine:
        """What is wrong where the text cannot be read on."""
        if error.is_cut_off:
            return Quarantine(
                "truncated", f"{self.file}: the JSON ends before it is closed: it was cut off. Download it again."
            )
        return Quarantine(
            "not_well_formed", f"{self.file}: the JSON is broken. Download it again; undo any edit by hand."
        )

    def _unsafe(self, how: str) -> Quarantine:
        return Quarantine(
            "unsafe_json",
            f"{self.file}: the JSON {how}, which no boundary needs and which can do harm. It was not read.",
        )


def _refuse_binary(file: str, path: Path) -> None:
    if path.stat().st_size == 0:
        raise Quarantine("empty_file", f"{file}: the file is empty (0 bytes). Download it again.")
    with path.open("rb") as handle:
        start = handle.read(16)
    if words := encoding.what_it_is(start):
        raise Quarantine(
            "not_text", f"{file}: this is {words}, whatever its name says. Unpack it and deliver the GeoJSON."
        )
