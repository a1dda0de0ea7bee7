"""What the checker says: text for a person, a line of JSON per finding for a script, and the exit code of both."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict

from warehouse.returns.check.judge import NEEDS_REGISTER, Count, Finding, Judged

CLEAN, QUERIES, ERRORS, UNREADABLE = 0, 1, 2, 3
LEVELS = {"E": "error", "Q": "query", "W": "warning"}
_PLURAL = {"E": "errors", "Q": "queries", "W": "warnings"}
_RECORDS = ("people", "requests", "assessments", "plans", "settings in plans", "active plans", "placements", "needs")


def exit_code(judged: Judged) -> int:
    """0 without errors and queries (warnings ask for nothing), 1 with queries alone, 2 with errors."""
    if judged.levels["E"]:
        return ERRORS
    return QUERIES if judged.levels["Q"] else CLEAN


def text(judged: Judged) -> Iterator[str]:
    """One file for a person: what it holds, how much is wrong, then each rule with its count, mend and first places."""
    status = ", a provisional year" if judged.is_provisional else ""
    yield f"{judged.file.name}: SEN2 {judged.year}{status}"
    held = [count for name, count in judged.records.items() if name != "sen2__header"]
    yield "  " + ", ".join(f"{name} {count:,}" for count, name in zip(held, _RECORDS, strict=True))
    yield "  " + ", ".join(
        f"{judged.levels[level]:,} {LEVELS[level] if judged.levels[level] == 1 else _PLURAL[level]}" for level in LEVELS
    )
    if not judged.has_header:
        yield "  It has no header, so the rules of the header were not run"
    if not judged.has_register:
        yield (
            "  Without a register (--gias FILE) nobody knows whether a URN exists, was open or has the unit. Touches "
            + ", ".join(NEEDS_REGISTER)
        )
    if not judged.has_last_year:
        yield "  Without last year's return (--last-year FILE) nothing is held against it: X03 to X06"
    for count in judged.counts():
        yield ""
        yield from _rule(count)
    if judged.unlisted:
        yield ""
        yield f"  {judged.unlisted:,} more faults of structure are counted and not listed one by one"
    if not judged.levels.total():
        yield ""
        yield "  Nothing found. The rules are ours and not DfE's: COLLECT may still ask."


def line(finding: Finding) -> str:
    """One finding as a line of JSON."""
    return json.dumps(asdict(finding) | {"level": LEVELS[finding.level]}, ensure_ascii=False)


def unreadable_line(file: str, message: str) -> str:
    """A file that could not be read, as a line of JSON with the same keys."""
    finding = Finding(file, "", "E", "unreadable", "", "", None, None, (), message, "")
    return json.dumps(asdict(finding) | {"level": "unreadable"}, ensure_ascii=False)


def _rule(count: Count) -> Iterator[str]:
    yield f"  {LEVELS[count.level]:<8} {count.rule:<9} {count.count:>7,}  {count.message}"
    yield f"{'':<29}→ {count.what_to_do}"
    more = count.count - len(count.places)
    yield f"{'':<29}  {_places(count.places)}" + (f" and {more:,} more" if more > 0 else "")


def _places(places: Iterable[Finding]) -> str:
    return "; ".join(
        ", ".join(
            [
                *([f"person {place.person:,}"] if place.person else [place.path]),
                *([f"line {place.line:,}"] if place.line else []),
            ]
        )
        for place in places
    )
