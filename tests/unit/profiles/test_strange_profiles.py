"""Profiles that are no text, or that grow without end: refused with their line, and the process goes on.

YAML is composed in C by recursion, and an alias stands for all that its anchor has: brackets ended the process, nine
lines of aliases would have filled its memory.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from warehouse.profiles.profile import ProfileError, load, parse

LAUGHS = "a0: &x0 [y, y, y, y, y, y, y, y, y]\n" + "".join(
    f"a{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 9)}]\n" for n in range(1, 10)
)
ENDLESS = {
    "brackets": ("profile: x\nfiles: " + "[" * 100_000, "x.yml:2: ", "nested more than"),
    "dashes": ("- " * 100_000, "x.yml:1: ", "nested more than"),
    "itself": ("profile: &a [*a]", "x.yml:1: ", "Write out what"),
    "aliases": (LAUGHS, "x.yml:", "Write out what"),
    "a character that no text has": ("profile: \x01", "x.yml:1: ", "character that no text has"),
}


@pytest.mark.parametrize(("text", "place", "said"), ENDLESS.values(), ids=ENDLESS)
def test_what_has_no_end_is_refused(text: str, place: str, said: str) -> None:
    with pytest.raises(ProfileError) as refused:
        parse(text, Path("x.yml"))
    assert str(refused.value).startswith(place) and said in str(refused.value)


def test_a_profile_in_another_encoding_is_named(tmp_path: Path) -> None:
    file = tmp_path / "ours.yml"
    file.write_bytes("profile: Zoë".encode("cp1252"))
    with pytest.raises(ProfileError, match="Save it as UTF-8"):
        load(file)
