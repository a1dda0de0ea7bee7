"""What lies in the inbox, and which declared extract each file claims to be, judged by its name alone."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
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
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_YEAR = r"(?P<year>20\d\d|[23]\d)"
_LEFT, _RIGHT = r"(?<![^\W_])", r"(?![^\W_])"  # a word of its own: LSOA21 holds no year
_DAYS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<mark>[-._ ]?)(?P<month>\d\d)(?P=mark)(?P<day>\d\d)(?!\d)",
        r"(?<!\d)(?<!\d[-._])(?P<day>\d\d)(?P<mark>[-._ ])(?P<month>\d\d)(?P=mark)(?P<year>20\d\d)(?!\d)",
        rf"{_LEFT}(?P<day>\d?\d)(?:st|nd|rd|th)?[-._ ]?{_MONTH}[-._ ]?{_YEAR}{_RIGHT}",
    )
)
# 260930 and 30-09-26: which end is the year is told by what lies near.
_SHORT_DAY = re.compile(rf"{_LEFT}(?<!\d[-._])(\d\d)([-._]?)(\d\d)\2(\d\d)(?![-._]\d){_RIGHT}")
_SHORT_YEARS = range(20, 40)  # the URN 120315 holds none of them
_NEAR = timedelta(days=3 * 366)
_MONTHS_OF_A_YEAR = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_LEFT}{_MONTH}[-._ ]?{_YEAR}{_RIGHT}",
        rf"{_LEFT}(?P<year>20\d\d)[-._ ]?{_MONTH}{_RIGHT}",
        rf"{_LEFT}(?P<year>20\d\d)[-._ ]?(?P<month>0[1-9]|1[0-2])(?![-._ ]?\d){_RIGHT}",
        rf"{_LEFT}(?<!\d[-._ ])(?P<month>0[1-9]|1[0-2])[-._ ](?P<year>20\d\d){_RIGHT}",
    )
)
# What is another in the next delivery and says no day: an academic year, a term, a quarter, a week, a year or a month.
_PERIODS = tuple(
    re.compile(_LEFT + pattern + _RIGHT, re.IGNORECASE)
    for pattern in (
        r"(?P<first>20\d\d)[-._ ]?(?:20)?(?P<second>\d\d)",
        r"(?:20\d\d[-._ ]?)?(?:autumn|spring|summer)(?:[-._ ]?term)?(?:[-._ ]?(?:20\d\d|[23]\d))?",
        r"(?:h?t|half[-._ ]?term[-._ ]?|term[-._ ]?)[1-6]",
        r"(?:q|quarter[-._ ]?)[1-4]",
        r"(?:wk|week)[-._ ]?\d?\d",
        r"(?<!\d[-._])20[1-3]\d(?![-._]\d)",
        rf"{_MONTH}",
    )
)


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
        dated = day_of(source, name, as_at)
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
    last = undated(name.rsplit("/", 1)[-1], keep_months=True)
    found = (why for pattern, why in source.known_not_used.items() if re.search(pattern, last, re.IGNORECASE))
    return next(found, "")


def undated(name: str, keep_months: bool = False) -> str:
    """A name without its days, and without its months of a year unless they are to be kept."""
    return _without(name, (*_DAYS, _SHORT_DAY, *(() if keep_months else _MONTHS_OF_A_YEAR)))


def without_period(name: str) -> str:
    """A name without whatever is another in the next delivery: days, months, terms, weeks, years."""
    return _without(name, (*_DAYS, _SHORT_DAY, *_MONTHS_OF_A_YEAR, *_PERIODS))


def _without(name: str, forms: tuple[re.Pattern[str], ...]) -> str:
    suffix = Path(name).suffix
    stem, suffix = (name[: -len(suffix)], suffix) if suffix.lower() in FORMATS else (name, "")
    left = stem
    for form in forms:
        # The mark before it goes too.
        left = re.sub(f"[-_ .]*{form.pattern}", lambda its: "" if _is_one(its) else its[0], left, flags=form.flags)
    if left == stem or not re.search(r"[^\W\d_]", left):  # nothing would be left by which to know the file
        return name
    return re.sub(r"[-_ .]*\(\s*\)", "", left).strip("-_ .") + suffix


def _is_one(match: re.Match[str]) -> bool:
    """Whether what looks like a day, a month or an academic year can be one."""
    said = match.groupdict()
    if "first" in said:
        return (int(said["first"]) + 1) % 100 == int(said["second"])
    if "year" in said:
        return _day(match) is not None
    return bool(said) or not match.re.groups or bool(_short_days(match))


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
    pattern = extract.xml_pattern if FORMATS.get(Path(last).suffix.lower()) == "xml" else extract.file_pattern
    return match(pattern, last, undated(last, keep_months=True), undated(last))


def match(pattern: str, *names: str) -> re.Match[str] | None:
    """The first of several forms of a name that a pattern fits."""
    return next((found for name in names if (found := re.search(pattern, name, re.IGNORECASE))), None)


def _constants(extract: Extract, match: re.Match[str]) -> dict[str, str]:
    named = match.groupdict()
    return {
        column.name: (named.get(column.name) or "").lower() if column.code_set else named.get(column.name) or ""
        for column in extract.columns
        if column.from_file_name
    }


def day_of(source: Source, name: str, as_at: date) -> date | None:
    """The day that a file of a source says in its name, of the file before its folders; None if it says none.

    A month of a year is its last day, once that has come: not where the extract takes its period from the name.
    """
    takes_its_period = any(target.constants for target in targets(source, name))
    parts = name.split("/")
    for part in reversed(parts):
        if day := _last(part, _DAYS) or _short_day(part, as_at):
            return day
    for part in reversed(parts[:-1] if takes_its_period else parts):
        if (day := _last(part, _MONTHS_OF_A_YEAR)) and day <= as_at:
            return day
    return None


def _last(part: str, forms: tuple[re.Pattern[str], ...]) -> date | None:
    found = [(match.start(), day) for form in forms for match in form.finditer(part) if (day := _day(match))]
    return max(found)[1] if found else None


def _day(match: re.Match[str]) -> date | None:
    """What a match says of a day, of a month its last; None where there is no such day, or where it may be a year."""
    said = match.groupdict()
    year = int(said["year"]) + (2000 if len(said["year"]) == 2 else 0)
    is_number = said["month"].isdigit()
    month = int(said["month"]) if is_number else _MONTHS.index(said["month"][:3].lower()) + 1
    if "day" not in said and is_number and match.start("year") < match.start("month") and month == year % 100 + 1:
        return None  # 2011-12 may be a school's year
    try:
        return date(year, month, int(said["day"]) if "day" in said else monthrange(year, month)[1])
    except ValueError:
        return None


def _short_day(part: str, as_at: date) -> date | None:
    """The last day of six figures, where one way alone of reading it lies in the three years before `as_at`."""
    for match in reversed(list(_SHORT_DAY.finditer(part))):
        near = [day for day in _short_days(match) if as_at - _NEAR <= day <= as_at]
        if len(near) == 1:
            return near[0]
    return None


def _short_days(match: re.Match[str]) -> set[date]:
    first, _, month, last = match.groups()
    found = set()
    for year, day in ((int(first), int(last)), (int(last), int(first))):
        with suppress(ValueError):
            found |= {date(2000 + year, int(month), day)} if year in _SHORT_YEARS else set()
    return found
