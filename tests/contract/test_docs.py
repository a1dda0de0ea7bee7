"""The pages keep their promises: every link leads somewhere, and every make target and command they name exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import DEAR, LONGEST
from warehouse.cli import parser
from warehouse.settings import REPOSITORY

PAGES = sorted([*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(REPOSITORY).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(REPOSITORY).as_posix())
def test_commands_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    commands = set(next(action.choices for action in parser()._actions if action.choices))
    targets = set(re.findall(r"^([a-z]+):", (REPOSITORY / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for named in re.findall(r"`make ([a-z]+)", text):
        assert named in targets, f"make {named}"
    for named in re.findall(r"`countywide ([a-z]+)", text):
        assert named in commands, f"countywide {named}"


def test_the_longest_groups_of_tests_are_named_as_they_are() -> None:
    """A name that is gone would leave the halves of the suite unequal, and nobody would see why."""
    for group in LONGEST:
        place, _, dear = group.partition(":")
        assert (REPOSITORY / place).exists(), group
        assert not dear or dear in DEAR, group


def test_what_cannot_be_made_again_is_backed_up() -> None:
    """What architecture.md says to keep stands in the advice to councils, and so does all that a home reads."""
    house = (REPOSITORY / "docs" / "architecture.md").read_text(encoding="utf-8")
    kept = set(re.findall(r"^\| `([^`]+)` \|[^|]+\| yes", house, re.MULTILINE))
    assert {"raw/", "person_key.salt", "countywide.toml", "profiles/", "published/returns/sen2/signed/"} <= kept

    guide = (REPOSITORY / "docs" / "guides" / "run-in-a-council.md").read_text(encoding="utf-8")
    advice = guide.split("\n## Back up\n")[1].split("\n## ")[0]
    assert [name for name in sorted(kept) if f"`{name}`" not in advice] == []
