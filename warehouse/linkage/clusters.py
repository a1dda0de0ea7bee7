"""Children joined one link at a time, the surest first; a link that would make an impossible child is set aside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

# Why a link is set aside, in words for the person who has to look.
REASONS = {
    "must_not_link": "an override says that they are two children",
    "two_upns": "two valid UPNs would be in use at once in one source",
    "twins": "two children of one birth date with different forenames are in one source at once, as twins are",
    "two_births": "two children with different birth dates are in one source at once",
    "both_in_one_source": "one source holds both at once, and no number says that they are one",
}


@dataclass(frozen=True)
class Child:
    """What decides whether two children of one system can be one: see children.py. `upn` only where it is valid."""

    system: str
    first_seen: date | None
    last_seen: date | None
    birth_digits: str | None
    forename: str | None
    upn: str | None


class Clusters:
    """Numbers from 0, each alone at first; a cluster is known by the lowest number in it."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))
        self._members: dict[int, list[int]] = {}

    def label(self, child: int) -> int:
        """The lowest number of the child's cluster: its canonical child."""
        while self._parent[child] != child:
            self._parent[child] = child = self._parent[self._parent[child]]
        return child

    def members(self, label: int) -> list[int]:
        return self._members.get(label, [label])

    def join(self, one: int, other: int) -> None:
        """Make the clusters of two numbers one."""
        low, high = sorted((self.label(one), self.label(other)))
        if low != high:
            self._members[low] = self.members(low) + self.members(high)
            self._members.pop(high, None)
            self._parent[high] = low


class Guarded(Clusters):
    """Clusters of children; `apart` are pairs that must not be joined by whatever way."""

    def __init__(self, children: list[Child], apart: Iterable[tuple[int, int]] = ()) -> None:
        super().__init__(len(children))
        self._children = children
        self._apart: dict[int, set[int]] = defaultdict(set)
        for one, other in apart:
            self._apart[one].add(other)
            self._apart[other].add(one)

    def obstacle(self, one: int, other: int, by_number: bool, told: bool = False) -> str | None:
        """Why the clusters of two children cannot be one, a key of REASONS; None where they can.

        by_number: the link rests on a number or an exact rule, so that a source may hold the child twice.
        told: a person says so, and only another person's word stands against it.
        """
        left, right = self.members(self.label(one)), self.members(self.label(other))
        if self._apart and any(self._apart[child] & set(right) for child in left if child in self._apart):
            return "must_not_link"
        if told:
            return None
        found = (
            self._impossible(self._children[mine], self._children[theirs], by_number)
            for mine in left
            for theirs in right
        )
        return next((reason for reason in found if reason), None)

    @staticmethod
    def _impossible(one: Child, other: Child, by_number: bool) -> str | None:
        if one.system != other.system or not _at_once(one, other):
            return None
        if one.upn and other.upn and one.upn != other.upn:
            return "two_upns"
        if one.birth_digits and one.birth_digits == other.birth_digits and _differ(one.forename, other.forename):
            return "twins"
        if _two_births(one.birth_digits, other.birth_digits):
            return "two_births"
        return None if by_number else "both_in_one_source"


def _at_once(one: Child, other: Child) -> bool:
    if None in (one.first_seen, one.last_seen, other.first_seen, other.last_seen):
        return True
    return one.first_seen <= other.last_seen and other.first_seen <= one.last_seen


def _differ(one: str | None, other: str | None) -> bool:
    return bool(one and other and not one.startswith(other) and not other.startswith(one))


def _two_births(one: str | None, other: str | None) -> bool:
    """Whether two dates as YYYYMMDD differ by more than a swap of day and month or one digit."""
    if not one or not other or one == other or other == one[:4] + one[6:] + one[4:6]:
        return False
    return sum(mine != theirs for mine, theirs in zip(one, other, strict=True)) > 1
