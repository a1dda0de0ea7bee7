"""What bytes a delivered file is made of, and the same text in UTF-8."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from warehouse.landing.quarantine import Quarantine

CHUNK = 1 << 20
# No record of an extract is so long; a file of one line would have to be held whole.
LONGEST_LINE = 1 << 23

_BINARY = {
    b"PK\x03\x04": "a ZIP archive or an Excel workbook",
    b"PK\x05\x06": "an empty ZIP archive",
    b"\x1f\x8b": "a gzip archive",
    b"%PDF": "a PDF",
    b"\xd0\xcf\x11\xe0": "an old Excel (.xls) or a password-protected workbook",
    b"PAR1": "a Parquet file",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"Rar!": "a RAR archive",
    b"SQLite format 3": "a database",
}
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Letters with accents, pounds and curly quotes as UTF-8 writes them: read as cp1252 they are nonsense such as Ã©.
_UTF8_SEQUENCE = re.compile(rb"\xc3[\x80-\xbf]|\xc2[\xa0-\xbf]|\xe2\x80[\x90-\xa6]")


@dataclass(frozen=True)
class Survey:
    """One look at every byte of a UTF-8 file.

    `records` counts line ends outside quotes, without trailing blank lines: an account of what was received that owes
    nothing to the reader that loads it. `is_padded` says whether a value may have blanks around it.
    """

    records: int
    ends_with_newline: bool
    is_padded: bool
    has_quotes: bool = False


def chunks(path: Path) -> Iterator[bytes]:
    """The bytes of a file, a mebibyte at a time."""
    with path.open("rb") as handle:
        while chunk := handle.read(CHUNK):
            yield chunk


def what_it_is(start: bytes) -> str | None:
    """Plain words for a file that is no text, judged by its first bytes; None for text."""
    return next((words for magic, words in _BINARY.items() if start.startswith(magic)), None)


def is_text(start: bytes) -> bool:
    """Whether a file with these first bytes looks like text: it says its encoding, or has no control characters."""
    marked = start.startswith(tuple(mark for mark, _ in _BYTE_ORDER_MARKS))
    return marked or all(byte >= ord(" ") or byte in b"\t\r\n" for byte in start)


def detect(file: str, path: Path) -> str:
    """The encoding of a text file: utf-8, utf-8-sig, utf-16-le, utf-16-be or cp1252; every byte is tried.

    Raises Quarantine: not_text or bad_encoding.
    """
    with path.open("rb") as handle:
        start = handle.read(4096)
    if words := what_it_is(start):
        raise Quarantine(
            "not_text",
            f"{file}: this is {words}, whatever its name says. Open or unpack it, save the table as CSV, deliver that.",
        )
    if start.lstrip()[:14].lower().startswith((b"<!doctype html", b"<html")):
        raise Quarantine(
            "not_text",
            f"{file}: this is a web page, perhaps a sign-in page saved in place of the file. Download the file again.",
        )
    marked = next((name for mark, name in _BYTE_ORDER_MARKS if start.startswith(mark)), None)
    if marked == "utf-32":
        raise Quarantine("bad_encoding", f"{file}: the text is UTF-32. Save it as CSV UTF-8 and deliver it again.")
    encoding = marked or _unmarked_utf16(file, start) or "utf-8"
    fault = _undecodable(path, encoding)
    if fault is None:
        return encoding
    if encoding.startswith("utf-16"):
        raise Quarantine(
            "bad_encoding" if fault < path.stat().st_size - 4 else "truncated",
            f"{file}: the UTF-16 text is broken at byte {fault + 1} of {path.stat().st_size}. "
            f"Export the file again, best as CSV UTF-8.",
        )
    if encoding == "utf-8" and not _has_utf8_sequences(path) and (fault := _undecodable(path, "cp1252")) is None:
        return "cp1252"
    raise Quarantine(
        "bad_encoding",
        f"{file}: line {_line_of(path, fault)} holds bytes that are neither UTF-8 nor Windows-1252, "
        f"or the file mixes the two. Export it again as CSV UTF-8.",
    )


def as_utf8(path: Path, encoding: str, scratch: Path) -> Path:
    """The same text as UTF-8 with ordinary line ends: the file itself if it is that, else a copy in `scratch`."""
    if not encoding.startswith("utf-8"):
        path = _transcoded(path, encoding, scratch / f"{path.stem}.utf8")
    if _has_only_carriage_returns(path):
        path = _with_line_feeds(path, scratch / f"{path.stem}.lines")
    return path


def survey(path: Path, delimiter: str) -> Survey:
    """Count the records of a UTF-8 file, streaming. A quote inside an unquoted value misleads it: csv_reader checks."""
    ends, inside, returns, pairs, blank = 0, 0, 0, 0, 0
    padded, quoted = False, False
    before = b""
    edges = _edges(delimiter)
    for chunk in chunks(path):
        quoted = quoted or b'"' in chunk
        if inside or b'"' in chunk:
            for piece, text in enumerate(chunk.split(b"\n")):
                if piece:  # a line end stands before every piece but the first
                    ends += not inside
                    padded = padded or bool(inside)
                inside ^= text.count(b'"') & 1
        else:
            ends += chunk.count(b"\n")
        joined = before + chunk
        if b"\r" in joined:
            returns += chunk.count(b"\r")
            pairs += joined.count(b"\r\n") - before.count(b"\r\n")
        padded = padded or _is_padded(joined, edges)
        before = chunk[-3:]
        filled = len(chunk.rstrip(b"\r\n"))
        blank = chunk.count(b"\n", filled) + (0 if filled else blank)
    if not before:
        return Survey(0, False, False)
    return Survey(ends - blank + 1, blank > 0, padded or returns != pairs, quoted)


def refuse_endless_line(file: str, path: Path) -> None:
    """Raises Quarantine: endless_line, if a UTF-8 file has one."""
    seen, length = 0, 0
    for chunk in chunks(path):
        last = chunk.rfind(b"\n")
        seen += len(chunk)
        length = length + len(chunk) if last < 0 else len(chunk) - last - 1
        if length > LONGEST_LINE:
            raise Quarantine(
                "endless_line",
                f"{file}: line {_line_of(path, seen)} is longer than {LONGEST_LINE >> 20} MB, as no record is. "
                "Export the table again as CSV, a line for each record.",
            )


def _edges(delimiter: str) -> bytes:
    """A translation of every byte to one of three: a blank, a mark that a value may end at, anything else."""
    table = bytearray(b"x" * 256)
    for blank in b" \t":
        table[blank] = ord(" ")
    for mark in delimiter.encode() + b'"\r\n':
        table[mark] = ord(",")
    return bytes(table)


def _is_padded(text: bytes, edges: bytes) -> bool:
    """Whether a blank stands beside a mark. Searching for single bytes first is what keeps this cheap."""
    if (b"\xc2" in text and "\u00a0".encode() in text) or (b"\xef" in text and "\ufeff".encode() in text):
        return True
    if b" " not in text and b"\t" not in text:
        return False
    seen = text.translate(edges)
    return b" ," in seen or b", " in seen


def _unmarked_utf16(file: str, start: bytes) -> str | None:
    """UTF-16 without a byte order mark shows as a zero in nearly every second byte."""
    if b"\0" not in start:
        return None
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if max(even, odd) > len(start) // 4 and min(even, odd) * 10 < max(even, odd):
        return "utf-16-le" if odd > even else "utf-16-be"
    raise Quarantine("not_text", f"{file}: this is no text: it holds zero bytes. Export the table again as CSV UTF-8.")


def _undecodable(path: Path, encoding: str) -> int | None:
    """Offset of the first byte that does not decode; None if every byte does."""
    decoder = codecs.getincrementaldecoder(encoding)()
    has_ascii = not encoding.startswith("utf-16")
    consumed = 0
    held = 0
    try:
        for chunk in chunks(path):
            held = len(decoder.getstate()[0])
            if held or not (has_ascii and chunk.isascii()):
                decoder.decode(chunk)
            consumed += len(chunk)
        held = len(decoder.getstate()[0])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        return consumed - held + error.start
    return None


def _has_utf8_sequences(path: Path) -> bool:
    return any(_UTF8_SEQUENCE.search(chunk) for chunk in chunks(path))


def _line_of(path: Path, offset: int) -> int:
    line = 1
    for chunk in chunks(path):
        line += chunk[:offset].count(b"\n")
        if (offset := offset - len(chunk)) <= 0:
            break
    return line


def _has_only_carriage_returns(path: Path) -> bool:
    found = False
    for chunk in chunks(path):
        if b"\n" in chunk:
            return False
        found = found or b"\r" in chunk
    return found


def _transcoded(path: Path, encoding: str, target: Path) -> Path:
    decoder = codecs.getincrementaldecoder(encoding)()
    with target.open("wb") as out:
        for chunk in chunks(path):
            text = decoder.decode(chunk)
            out.write((text.removeprefix("\ufeff") if out.tell() == 0 else text).encode("utf-8"))
        out.write(decoder.decode(b"", final=True).encode("utf-8"))
    return target


def _with_line_feeds(path: Path, target: Path) -> Path:
    with target.open("wb") as out:
        for chunk in chunks(path):
            out.write(chunk.replace(b"\r", b"\n"))
    return target
