"""What the checker says: text for a person, a line of JSON per finding for a script, and the exit code of both."""

from __future__ import annotations

import json
from collections.abc import Iterator

from warehouse.returns.check.judge import NEEDS_REGISTER, Count, Finding, Judged

CLEAN, QUERIES, ERRORS, UNREADABLE = 0, 1, 2, 3
LEVELS = {"E": "error", "Q": "query", "W": "warning"}
_PLURAL = {"E": "errors", "Q": "queries", "W": "warnings"}
NOTHING = "Nothing found. The rules are ours and not DfE's: COLLECT may still ask."
_RECORDS = ("people", "requests", "assessments", "plans", "settings in plans", "active plans", "placements", "needs")


def exit_code(judged: Judged) -> int:
    """0 without errors and queries (warnings ask for nothing), 1 with queries alone, 2 with errors."""
    if judged.levels["E"]:
        return ERRORS
    return QUERIES if judged.levels["Q"] else CLEAN


def about(judged: Judged) -> Iterator[str]:
    """What was judged, how much is wrong with it, and what was not run."""
    status = ", a provisional year" if judged.is_provisional else ""
    yield f"{judged.file.name}: SEN2 {judged.year}{status}"
    held = [count for name, count in judged.records.items() if name != "sen2__header"]
    yield "  " + ", ".join(f"{name} {count:,}" for count, name in zip(held, _RECORDS, strict=True))
    yield "  " + ", ".join(
        f"{judged.levels[level]:,} {LEVELS[level] if judged.levels[level] == 1 else _PLURAL[level]}" for level in LEVELS
    )
    if judged.unlisted:
        yield f"  {judged.unlisted:,} faults of structure more than are listed one by one; the counts have them"
    if not judged.has_header:
        yield "  It has no header, so the rules of the header were not run"
    if not judged.has_register:
        yield (
            "  Without a register (--gias FILE) it is not known if a URN exists, was open or has the unit. Touches "
            + ", ".join(NEEDS_REGISTER)
        )
    if judged.last_year and (faults := judged.last_year.faults):
        yield (
            f"  {judged.last_year.file} has {faults:,} {'fault' if faults == 1 else 'faults'} of structure of its own; "
            "what could not be read of it is not held against this file. Check it by itself"
        )
    if not judged.last_year:
        yield "  Without last year's return (--last-year FILE) nothing is held against it: X03 to X06"


def text(judged: Judged) -> Iterator[str]:
    """One file for a person: about it, then each rule with its count, what to do, and the first places."""
    yield from about(judged)
    for count in judged.counts():
        yield ""
        yield f"  {LEVELS[count.level]:<8} {count.rule:<9} {count.count:>7,}  {count.message}"
        yield f"{'':<29}→ {count.what_to_do}"
        yield f"{'':<29}  {places(count, judged.file.name)}"
    if not judged.levels.total():
        yield ""
        yield f"  {NOTHING}"


def places(count: Count, file: str) -> str:
    """The first places of a rule: person and line, with the file where it is not the one that was asked about."""
    found = "; ".join(
        ", ".join(
            [
                *([place.file] if place.file != file else []),
                f"person {place.person:,}" if place.person else place.path,
                *([f"line {place.line:,}"] if place.line else []),
                *_named(place, count),
            ]
        )
        for place in count.places
    )
    more = count.count - len(count.places)
    return f"{found} and {more:,} more" if more > 0 else found


def _named(place: Finding, count: Count) -> tuple[str, ...]:
    """The element of a fault of structure, unless the place ends in it already, and what to do about this one."""
    if place.kind == "rule":
        return ()
    (element,) = place.elements
    named = () if not place.person and place.path.endswith(f"/{element}") else (element,)
    mend = place.what_to_do
    return (*named, *((f"{mend[0].lower()}{mend[1:]}",) if mend != count.what_to_do else ()))


def line(finding: Finding) -> str:
    """One finding as a line of JSON."""
    return json.dumps(vars(finding) | {"level": LEVELS[finding.level]}, ensure_ascii=False)


def unreadable_line(file: str, message: str) -> str:
    """A file that could not be read, as a line of JSON with the same keys."""
    finding = Finding(file, "", "E", "unreadable", "", "", None, None, (), message, "")
    return json.dumps(vars(finding) | {"level": "unreadable"}, ensure_ascii=False)
