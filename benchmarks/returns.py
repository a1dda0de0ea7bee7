"""Returns of any size for the benchmarks: the people of a made return, again and again, each time with new numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

_PERSON = re.compile(rb"[ ]*<Person>.*?</Person>\n", re.DOTALL)
_NUMBERED = re.compile(rb"<(UPN|UniqueLearnerNumber|Surname)>([^<]*)<")
_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"


def write(source: Path, people: int, file: Path) -> Path:
    """Write a return of so many people in the words of `source`; memory is that of the source.

    The first copy of each person is as it was. The others have a UPN, a learner number and a surname of their own,
    valid and different, so that no rule about doubles finds them; what else is wrong is wrong with each copy.
    """
    text = source.read_bytes()
    found = [match[0] for match in _PERSON.finditer(text)]
    first, last = text.index(found[0]), text.rindex(found[-1]) + len(found[-1])
    numbers = _learner_numbers()
    with file.open("wb") as handle:
        handle.write(text[:first])
        for number in range(people):
            person = found[number % len(found)]
            handle.write(_renumbered(person, number, numbers) if number >= len(found) else person)
        handle.write(text[last:])
    return file


def _renumbered(person: bytes, number: int, numbers: Iterator[int]) -> bytes:
    def new(match: re.Match[bytes]) -> bytes:
        tag = match[1].decode()
        if tag == "UPN":
            value = _upn(f"201{900_000_000 + number:09d}")
        elif tag == "UniqueLearnerNumber":
            value = str(next(numbers))
        else:
            value = match[2].decode() + "".join("abcdefghij"[int(digit)] for digit in str(number))
        return f"<{tag}>{value}<".encode()

    return _NUMBERED.sub(new, person)


def _upn(digits: str) -> str:
    """The number with its check letter: weights 2 to 13, modulus 23."""
    return _LETTERS[sum(weight * int(digit) for weight, digit in enumerate(digits, 2)) % 23] + digits


def _learner_numbers() -> Iterator[int]:
    """Valid ones in order: weights 10 to 2, modulus 11; a remainder of 0 has no check digit."""
    for stem in range(500_000_000, 1_000_000_000):
        remainder = sum(weight * int(digit) for weight, digit in zip(range(10, 1, -1), str(stem), strict=True)) % 11
        if remainder:
            yield stem * 10 + 10 - remainder
