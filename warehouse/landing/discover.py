"""What lies in the inbox, and which declared extract each file claims to be, judged by its name alone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from warehouse.landing.quarantine import Quarantine
from warehouse.specification import Extract, Source

FORMATS = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "csv",
    ".psv": "csv",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".xml": "xml",
    ".geojson": "geojson",
    ".json": "geojson",
}
# DfE's release comes packed, and so do some suppliers' extracts.
_PACKED = (".zip", ".gz", ".7z")
# Files that are nobody's delivery: notes, half-finished downloads, and what desktops leave behind.
_NOT_DELIVERED = re.compile(
    r"^(\.|~\$|readme\b|thumbs\.db$|desktop\.ini$)|\.(tmp|part|partial|crdownload)$", re.IGNORECASE
)
_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)(-?)(\d\d)\2(\d\d)(?!\d)")


@dataclass(frozen=True)
class Target:
    """One extract that a file is to be read as, with the columns that its name carries."""

    extract: Extract
    constants: dict[str, str]


@dataclass(frozen=True)
class Delivery:
    """One file of the inbox. `name` is its path under inbox/<source> with forward slashes."""

    source: Source
    path: Path
    name: str
    snapshot_date: date
    is_dated: bool

    @property
    def format(self) -> str:
        """csv, xlsx or xml, by suffix; blank for anything else."""
        return FORMATS.get(self.path.suffix.lower(), "")


def deliveries(source: Source, folder: Path, as_at: date) -> list[Delivery]:
    """Every delivered file under inbox/<source>, by name. The snapshot date is the one in the name, else `as_at`."""
    found = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if _why_not(path, folder) or not path.is_file() or any(is_ignored(part) for part in name.split("/")):
            continue
        dated = date_in(name)
        found.append(Delivery(source, path, name, dated or as_at, dated is not None))
    return found


def passed_over(folder: Path) -> Iterator[tuple[str, str]]:
    """What lies under inbox/<source> and is not read, being no file of it: its name as it may be printed, and why."""
    for path in sorted(folder.rglob("*")):
        if why := _why_not(path, folder):
            yield printable(path.relative_to(folder).as_posix()), why


def _why_not(path: Path, folder: Path) -> str:
    """Why a path is not read, with the mend; blank for a file or a folder as they should be."""
    if any(_is_unprintable(letter) for letter in path.name):
        return "its name holds a line break or another character that cannot be printed. Rename it"
    if path.is_symlink() and not path.resolve().is_relative_to(folder.resolve()):
        return "it is a link that leads out of the inbox, or nowhere. Put the file itself there"
    if not (path.is_file() or path.is_dir() or path.is_symlink()):
        return "it is no file, but a pipe or a device. Put the file itself there"
    return ""


def printable(name: str) -> str:
    """A name that can be printed on one line."""
    return "".join("?" if _is_unprintable(letter) else letter for letter in name)


def _is_unprintable(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def is_ignored(name: str) -> bool:
    """Whether a file or folder name is nobody's delivery."""
    return bool(_NOT_DELIVERED.search(name))


def targets(source: Source, name: str) -> list[Target]:
    """The extracts whose file_pattern the file's name matches; all of them for XML, at most one otherwise."""
    last = name.rsplit("/", 1)[-1]
    found = []
    for extract in source.extracts:
        match = _match(extract, last)
        if match:
            found.append(Target(extract, _constants(extract, match)))
    return found if FORMATS.get(Path(last).suffix.lower()) == "xml" else found[:1]


def known_not_used(source: Source, name: str) -> str:
    """Why a file that the source is known to deliver is not read; blank for any other."""
    last = undated(name.rsplit("/", 1)[-1])
    found = (why for pattern, why in source.known_not_used.items() if re.search(pattern, last, re.IGNORECASE))
    return next(found, "")


def undated(name: str) -> str:
    """A name without the date in it."""
    return re.sub(r"[-_ .]?" + _DATE.pattern, "", name) if date_in(name) else name


def unknown_file(delivery: Delivery) -> Quarantine:
    """The refusal of a file whose name or kind no extract of the source declares."""
    expected = "; ".join(f"{extract.entity}: {plain_pattern(extract)}" for extract in delivery.source.extracts)
    kinds = ", ".join(delivery.source.meta["formats"]).upper()
    mend = "Unpack" if delivery.name.lower().endswith(_PACKED) else "Rename"
    return Quarantine(
        "unknown_file",
        f"{delivery.name}: no extract of {delivery.source.name} has a file of this name and kind. "
        f"Expected {kinds} files named {expected}. {mend} the file, or move it out of inbox/{delivery.source.name}; "
        "a layout of your own lands by a profile: countywide profile drafts one.",
    )


def plain_pattern(extract: Extract) -> str:
    """A file_pattern as people write names: ^(?P<year>\\d{4})_header\\b becomes <year>_header."""
    text = re.sub(r"\(\?![^()]*\)", "", extract.file_pattern)
    text = re.sub(r"\(\?:\(\?P<(\w+)>[^()]*\)_\)\?", r"[<\1>_]", text)
    text = re.sub(r"\(\?P<(\w+)>[^()]*\)", r"<\1>", text)
    text = re.sub(r"\(\?:([^()]*)\)\?", r"[\1]", text)
    text = re.sub(r"\(\?:([^()]*)\)", r"\1", text)
    text = re.sub(r"\(([^()|]+)\|[^()]*\)", r"\1", text)  # of several words the first
    text = re.sub(r"\[(\d)\d\]", r"\1", text)
    text = (
        text.replace("[-_]", "_")
        .replace("[-_ ]", "_")
        .replace("s?", "s")
        .replace("\\d", "9")
        .replace("\\b", "")
        .replace("\\.", ".")
    )
    return text.strip("^$")


def _match(extract: Extract, last: str) -> re.Match[str] | None:
    # A date in the name is the snapshot date, so the pattern is also tried on the name without it.
    names = (last, undated(last))
    pattern = extract.xml_pattern if FORMATS.get(Path(last).suffix.lower()) == "xml" else extract.file_pattern
    return next((found for name in names if (found := re.search(pattern, name, re.IGNORECASE))), None)


def _constants(extract: Extract, match: re.Match[str]) -> dict[str, str]:
    named = match.groupdict()
    return {
        column.name: (named.get(column.name) or "").lower() if column.code_set else named.get(column.name) or ""
        for column in extract.columns
        if column.from_file_name
    }


def date_in(name: str) -> date | None:
    """The last date in a name, of its file before its folders; None if it has none."""
    for part in reversed(name.split("/")):
        for year, _, month, day in reversed(_DATE.findall(part)):
            try:
                return date(int(year), int(month), int(day))
            except ValueError:
                continue
    return None
