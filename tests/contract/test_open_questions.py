"""Every hole of the reference is handled in the open: named, with what we do, and where to change it.

It matters because a guess that nobody can see is a wrong number that nobody looks for. Resolve: mend the row of
open_question.csv, or write the page anew: python -m warehouse.returns.questions
"""

from __future__ import annotations

import re

import pytest

from warehouse.returns import questions
from warehouse.settings import _KEYS, REPOSITORY
from warehouse.specification import SPEC, rows

# Section 9 of the reference has twenty.
HOLES = [f"O{number}" for number in range(1, 21)]
QUESTIONS = rows("open_question")


def test_every_hole_is_there() -> None:
    found = [row["question_id"] for row in QUESTIONS]
    assert [name for name in found if name.startswith("O")] == HOLES
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("row", QUESTIONS, ids=lambda row: row["question_id"])
def test_a_question_says_how_it_is_handled_and_where(row: dict[str, str]) -> None:
    assert row["question"].endswith("?")
    for column in ("what_we_do", "what_would_change", "who_knows", "source"):
        assert len(row[column]) > 1, column
    places = questions.held_in(row)
    assert places
    for kind, name in places:
        assert exists(kind, name), f"{kind}:{name}"


def exists(kind: str, name: str) -> bool:
    """Whether a place that a question names is there: a row, a column, a code set, a setting, a rule, a file."""
    if kind in ("row", "column"):
        file, _, place = name.partition(":")
        columns = (questions.FILES | questions.RELEASE | questions.OTHERS)[file.removesuffix(".csv")]
        found = rows(file.removesuffix(".csv"))
        if kind == "column":
            return place in found[0]
        return not place or any(".".join(row[column] for column in columns) == place for row in found)
    if kind == "set":
        return any(row["code_set"] == name for row in rows("element"))
    if kind == "setting":
        return name in _KEYS
    if kind == "rule":
        return any(row["rule_id"] == name for row in rows("rule"))
    if kind == "parameter":
        return any(row["rule_id"] == name for row in rows("rule_parameter"))
    return kind == "file" and (REPOSITORY / name).is_file()


def test_a_place_that_is_not_there_is_seen() -> None:
    assert exists("row", "element.csv:person.Surname") and not exists("row", "element.csv:person.Nickname")
    assert exists("column", "element.csv:tag") and not exists("column", "element.csv:colour")
    assert exists("setting", "return.serial_number") and not exists("setting", "return.colour")
    assert not exists("rule", "R99") and not exists("file", "warehouse/nowhere.py") and not exists("guess", "O1")


def test_holes_that_rows_mention_are_questions() -> None:
    """A row that speaks of a hole leads to where the hole is explained."""
    known = {row["question_id"] for row in QUESTIONS}
    for file in SPEC.rglob("*.csv"):
        for named in re.findall(r"\b(?:hole |Hole |\()(O[0-9]+)\b", file.read_text(encoding="utf-8")):
            assert named in known, f"{file.name}: {named}"


def test_the_page_says_what_the_rows_say() -> None:
    written = questions.PAGE.read_text(encoding="utf-8")
    assert written == questions.page(), "write it anew: python -m warehouse.returns.questions"
    for row in QUESTIONS:
        assert f"## {row['question_id']}: {row['question']}" in written
