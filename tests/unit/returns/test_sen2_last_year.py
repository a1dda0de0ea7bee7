"""`countywide check --last-year`: what last year's file holds must be accounted for in this year's.

It matters because a record that vanishes is a child whom nobody counts. The rules themselves have their cases in
test_sen2_last_year_cases.py; here two files are read, and a finding leads to the file that it is about. The dates are
by hand: census days are 16 January 2025 and 15 January 2026. Resolve: read both lists of people.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.returns import sen2_files
from tests.unit.returns.sen2_files import case
from tests.unit.returns.sen2_mart import YEARS
from tests.unit.returns.test_sen2_rule_cases import BETWEEN_YEARS
from warehouse import cli
from warehouse.returns.check import judge
from warehouse.returns.sen2 import LEVELS

# Ten people who are in both years, so that one more or less is no large change; number 0 is whom the cases are of.
OTHERS = [case("standing") for _ in range(10)]
START = "named_plan.StartDate = 2022-05-05"
ENDED_2024 = f"{START}; named_plan.CeaseDate = 2024-06-01"
OPEN = "requests.ReceivedDate = 2024-12-01"
BORN = "person.PersonBirthDate = 2016-05-05"
RENUMBERED = f"{BORN}; person.UPN = ; person.UPNunknown = UN3; person.Surname = Hill0"

CASES = [
    ("X03 absent", [case("standing")], [], {"X03"}),
    ("X03 ended since", [case("standing", START)], [case("ceased", START)], set()),
    ("X03 found by name, without a number", [case("standing", BORN)], [case("standing", RENUMBERED)], set()),
    ("X03 another name and no number", [case("standing", BORN)], [case("standing", f"{RENUMBERED}9")], {"X03"}),
    ("X04 ended, now in force", [case("ceased", ENDED_2024)], [case("standing", START)], {"X04"}),
    ("X05 open, now absent", [case("asked", OPEN)], [], {"X05"}),
    ("X05 open, now decided", [case("asked", OPEN)], [case("refused", OPEN)], set()),
]  # fmt: skip


def between(folder: Path, last: list[sen2_files.Case], this: list[sen2_files.Case], year: int = 2026) -> set[str]:
    """The rules between years that fire, with the ten others in both returns."""
    files = {}
    for of_year, people in ((year - 1, last), (year, this)):
        text = sen2_files.xml(people, of_year) if people else ""
        others = sen2_files.xml(OTHERS, of_year, first=100)
        mine = text[text.index("<Person>") : text.rindex("</Persons>")] if people else ""
        files[of_year] = sen2_files.write(
            folder / f"{of_year}.xml", others.replace("<Persons>\n", f"<Persons>\n{mine}", 1)
        )
    with judge.judge(files[year], demonstration=True, last_year=files[year - 1]) as judged:
        found = {finding.rule.removeprefix("SEN2-"): finding for finding in judged.findings()}
    assert all(LEVELS[found[rule].level] == "warning" for rule in found if rule in BETWEEN_YEARS)
    for rule in ("X03", "X05"):
        assert rule not in found or (found[rule].file, found[rule].person) == (f"{year - 1}.xml", 1)
    return set(found) & set(BETWEEN_YEARS)


@pytest.mark.parametrize(("what", "last", "this", "expected"), CASES, ids=[what for what, *_ in CASES])
def test_between_two_years(
    tmp_path: Path, what: str, last: list[sen2_files.Case], this: list[sen2_files.Case], expected: set[str]
) -> None:
    assert between(tmp_path, last, this) == expected


@pytest.mark.parametrize("year", [year for year in YEARS if year > 2023])
def test_every_year_with_a_year_before_it(tmp_path: Path, year: int) -> None:
    assert between(tmp_path, [case("standing")], [], year) == {"X03"}


@pytest.mark.parametrize(("more", "fires"), [(2, False), (3, True)])
def test_a_large_change(tmp_path: Path, more: int, fires: bool) -> None:
    """More than a fifth of last year's: 10 to 12 is none, 10 to 13 is."""
    extra = [case("ceased") for _ in range(more)]
    assert ("X06" in between(tmp_path, [], extra)) == fires


def test_the_year_before_it_must_be(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [
        str(sen2_files.write(tmp_path / f"{year}.xml", sen2_files.xml([case("asked")], year))) for year in (2024, 2026)
    ]
    assert cli.main(["check", files[1], "--last-year", files[0]]) == 3
    assert "has to be of 2025" in capsys.readouterr().err
