"""Who may import whom, as docs/architecture.md says: a part that knows too much cannot be changed alone.

Resolve: pass what is needed as an argument, or change the table and say why.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from warehouse.settings import REPOSITORY

OURS = ("warehouse", "expectations", "orchestration")
SOLE_OWNERS = {"dagster": "orchestration", "dagster_dbt": "orchestration", "great_expectations": "expectations"}


def table() -> dict[str, set[str]]:
    """Part → the parts it may import, from the table of the page. `everything` allows all."""
    page = (REPOSITORY / "docs" / "architecture.md").read_text(encoding="utf-8")
    section = page.split("## Who may import whom")[1].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| `")]
    return {name: set(re.findall(r"`([^`]+)`", row[1])) for row in rows for name in re.findall(r"`([^`]+)`", row[0])}


def modules() -> list[Path]:
    return sorted(file for part in OURS for file in (REPOSITORY / part).rglob("*.py"))


def part_of(path: str) -> str:
    """The longest row of the table that holds this path."""
    holding = [part for part in table() if path == part or path.startswith(part + "/")]
    assert holding, f"{path} has no row in docs/architecture.md"
    return max(holding, key=len)


def imports(file: Path) -> Iterator[str]:
    """Dotted names a file imports anywhere, also inside functions and for type checking."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file.name} imports relatively; name the module"
            yield from (f"{node.module}.{name.name}" for name in node.names)


def as_path(dotted: str) -> str | None:
    """The module or package of ours that a dotted import means."""
    pieces = dotted.split(".")
    while pieces:
        path = Path(*pieces)
        if (REPOSITORY / path.with_suffix(".py")).is_file():
            return path.with_suffix(".py").as_posix()
        if (REPOSITORY / path).is_dir():
            return path.as_posix()
        pieces.pop()
    return None


@pytest.mark.parametrize("file", modules(), ids=lambda file: file.relative_to(REPOSITORY).as_posix())
def test_imports_only_what_the_table_allows(file: Path) -> None:
    mine = part_of(file.relative_to(REPOSITORY).as_posix())
    allowed = table()[mine]
    for dotted in imports(file):
        if dotted.split(".")[0] not in OURS or "everything" in allowed:
            continue
        target = as_path(dotted)
        if target == "warehouse":  # the version
            continue
        assert part_of(target) in allowed | {mine}, f"{mine} may not import {dotted}"


@pytest.mark.parametrize("file", modules(), ids=lambda file: file.relative_to(REPOSITORY).as_posix())
def test_outside_packages_have_one_owner(file: Path) -> None:
    mine = file.relative_to(REPOSITORY).parts[0]
    for dotted in imports(file):
        owner = SOLE_OWNERS.get(dotted.split(".")[0], mine)
        assert owner == mine, f"only {owner} imports {dotted}"


def test_only_duck_opens_duckdb() -> None:
    for file in modules():
        if file.relative_to(REPOSITORY).as_posix() != "warehouse/duck.py":
            assert "duckdb.connect(" not in file.read_text(encoding="utf-8"), (
                f"{file.name}: open it through warehouse.duck"
            )


def test_every_part_of_the_table_exists() -> None:
    assert table(), "the table could not be read"
    for part in table():
        assert (REPOSITORY / part).exists(), f"{part} is in docs/architecture.md and nowhere else"
