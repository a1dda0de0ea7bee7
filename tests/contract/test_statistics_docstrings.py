"""Each function of warehouse/statistics says shapes, units, errors and source in its own docstring. It matters because
a figure is asked about years later, by somebody who has the one function before them: without its source they cannot
check it, and without its errors they do not know what it refuses and what it lets pass.

The files are read, not imported. Resolve: add the line, and say "ours" with the reason where there is no source.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from warehouse.settings import REPOSITORY

FILES = sorted((REPOSITORY / "warehouse" / "statistics").glob("*.py"))
# What a line of the docstring begins with, and that something follows. IndexError and TypeError come after ValueError.
WANTED = {
    "shapes": r"^Shapes: \S",
    "units": r"^Units: \S",
    "errors": r"^Raises (ValueError\b.* \w|nothing: \w)",
    "source": r"^Source: \S",
}
# A source that is nobody's has a reason beside it.
OURS_ALONE = r"^Source: ours\W*$"


def public(place: ast.Module | ast.ClassDef) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    """What a module defines at its top, and the methods of its classes, without a leading underscore."""
    for node in place.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public(node)


def raised(node: ast.AST) -> set[str]:
    """Names of the errors that its own lines raise. What it calls may raise more."""
    found = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Raise) and part.exc is not None:
            error = part.exc.func if isinstance(part.exc, ast.Call) else part.exc
            found.add(ast.unparse(error))
    return found


def missing(text: str) -> list[str]:
    """What the public functions and classes of a module leave unsaid."""
    wrong = []
    for node in public(ast.parse(text)):
        said = ast.get_docstring(node) or ""
        wrong += [f"{node.name}: {what}" for what, line in WANTED.items() if not re.search(line, said, re.MULTILINE)]
        if re.search(OURS_ALONE, said, re.MULTILINE):
            wrong.append(f"{node.name}: why ours")
        errors = re.search(r"^Raises .*?(?=^Source: |\Z)", said, re.MULTILINE | re.DOTALL)
        unsaid = [error for error in sorted(raised(node)) if not errors or error not in errors[0]]
        wrong += [f"{node.name}: {error}" for error in unsaid]
    return wrong


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_docstrings_say_what_is_needed(file: Path) -> None:
    assert missing(file.read_text(encoding="utf-8")) == []


def test_there_is_something_to_ask() -> None:
    found = [node for file in FILES for node in public(ast.parse(file.read_text(encoding="utf-8")))]
    assert len([node for node in found if isinstance(node, ast.FunctionDef)]) > 45
    assert len([node for node in found if isinstance(node, ast.ClassDef)]) > 10


WHOLE = '''
def share(x, n):
    """x / n.

    Shapes: x and n are broadcast.
    Units: none.
    Raises ValueError for a negative count.
    Source: Wilson 1927.
    """
    if n < 0:
        raise ValueError("n: must be at least 0")
    return x / n
'''


def test_whole_docstring_passes() -> None:
    assert missing(WHOLE) == []


@pytest.mark.parametrize(
    ("change", "by", "said"),
    [
        ("    Shapes: x and n are broadcast.\n", "", ["share: shapes"]),
        ("    Units: none.\n", "", ["share: units"]),
        ("    Raises ValueError for a negative count.\n", "", ["share: errors", "share: ValueError"]),
        ("Raises ValueError for a negative count.", "Raises nothing: all pass.", ["share: ValueError"]),
        ("Raises ValueError for a negative count.", "Raises ValueError", ["share: errors"]),
        ("    raise ValueError", "    raise KeyError", ["share: KeyError"]),
        ("    Source: Wilson 1927.\n", "", ["share: source"]),
        ("Source: Wilson 1927.", "Source:", ["share: source"]),
        ("Source: Wilson 1927.", "Its Source: Wilson 1927.", ["share: source"]),
        ("Source: Wilson 1927.", "Source: ours.", ["share: why ours"]),
        ("def share", "def _share", []),
    ],
)
def test_a_docstring_without_one_is_told(change: str, by: str, said: list[str]) -> None:
    assert change in WHOLE
    assert missing(WHOLE.replace(change, by)) == said


def test_no_docstring_is_told_of_a_class_and_its_methods() -> None:
    assert missing("class Limits:\n    def width(self):\n        return 0\n") == [
        f"{name}: {what}" for name in ("Limits", "width") for what in WANTED
    ]
