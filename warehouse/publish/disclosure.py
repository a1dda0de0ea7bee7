"""Statistical disclosure control of counts: primary, complement and secondary suppression over linear relations.

Pure functions over cells; nothing here knows a metric. Rules: equity-methods reference, section 11. The auditor
(`warehouse.publish.audit`) is written apart from this and judges what comes out of it.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

Cell = Hashable

# How far apart the bounds of a hidden cell have to be for someone who can add and subtract.
SAFE_WIDTH = 5


@dataclass(frozen=True)
class Relation:
    """`whole` is the sum of `parts`."""

    whole: Cell
    parts: tuple[Cell, ...]

    @property
    def cells(self) -> tuple[Cell, ...]:
        return (self.whole, *self.parts)


@dataclass
class Suppressed:
    """What may not be shown and why. `floors` is the least a reader knows a hidden cell to be (0 or 1)."""

    primary: set[Cell] = field(default_factory=set)
    secondary: set[Cell] = field(default_factory=set)

    @property
    def hidden(self) -> set[Cell]:
        return self.primary | self.secondary


def suppress(
    counts: Mapping[Cell, float],
    relations: Sequence[Relation],
    below: int,
    also_hidden: Iterable[Cell] = (),
    width: float = SAFE_WIDTH,
) -> Suppressed:
    """Hide counts of 1 to `below` - 1, `also_hidden`, and as many more as it takes that none of them can be worked out.

    `counts` holds whole numbers from 0 up, printed or not: a complement that nobody prints is a cell too, because it
    can be worked out. Zeros are never hidden for the sake of another cell. A hidden cell is safe when what is shown
    leaves at least `width` between its least and its most. The smallest cells go first; ties go by the order of
    `counts`. Deterministic. Stops when nothing changes, or when nothing is left to hide.
    """
    # Numbers stand for cells inside: they are quick to look up, and their order is that of `counts`.
    cells = list(counts)
    place = {cell: number for number, cell in enumerate(cells)}
    sizes = [counts[cell] for cell in cells]
    numbered = [Relation(place[r.whole], tuple(place[part] for part in r.parts)) for r in relations]
    primary = {number for number, size in enumerate(sizes) if 0 < size < below} | {place[cell] for cell in also_hidden}
    secondary = _secondary(sizes, numbered, primary, width)
    return Suppressed(primary={cells[number] for number in primary}, secondary={cells[number] for number in secondary})


def _secondary(sizes: Sequence[float], relations: Sequence[Relation], primary: set[int], width: float) -> set[int]:
    touching: dict[int, list[Relation]] = {}
    for relation in relations:
        for cell in relation.cells:
            touching.setdefault(cell, []).append(relation)
    secondary = _twins(primary, primary, sizes, touching)
    # What is safe stays safe when more is hidden, so a cell is looked at until it is safe. A hidden zero needs no guard
    # of its own: what it would tell is told by the counts beside it, and they have one.
    unsafe = sorted(cell for cell in primary | secondary if sizes[cell] > 0)
    while unsafe:
        hidden = primary | secondary
        ranges = _ranges(unsafe, sizes, touching, hidden)
        unsafe = [cell for cell in unsafe if ranges[cell][1] - ranges[cell][0] < width]
        choices = {_next_to_hide(cell, ranges, sizes, touching.get(cell, ()), hidden) for cell in unsafe} - {None}
        newly: set[int] = set()
        helped: set[int] = set()
        # A part before a whole: a whole is a margin of every other breakdown, and often a part elsewhere saves it.
        for is_whole, choice in sorted(choices, key=lambda found: (found[0], sizes[found[1]], found[1])):
            if is_whole and newly:
                break
            # One more hidden cell may save several, here and, with its twin, one sum further: neighbours wait until all
            # are looked at again.
            if not any(id(relation) in helped for relation in touching[choice]):
                newly.add(choice)
                near = {cell for relation in touching[choice] if relation.whole != choice for cell in relation.cells}
                helped.update(id(relation) for cell in near for relation in touching[cell])
        if not newly:
            break
        newly |= _twins(newly, hidden | newly, sizes, touching)
        secondary |= newly
        unsafe = sorted({*unsafe, *newly})
    return secondary


def _twins(
    newly: Iterable[int], hidden: set[int], sizes: Sequence[float], touching: Mapping[int, Sequence[Relation]]
) -> set[int]:
    """What has to be hidden along with `newly` without any choice: the other part of a sum of two that is shown."""
    found: set[int] = set()
    waiting = list(newly)
    while waiting:
        cell = waiting.pop()
        for relation in touching.get(cell, ()):
            if len(relation.parts) != 2 or cell not in relation.parts or relation.whole in hidden | found:
                continue
            other = relation.parts[1] if relation.parts[0] == cell else relation.parts[0]
            if sizes[cell] > 0 and other not in hidden and other not in found:
                twin = other if sizes[other] > 0 else relation.whole
                found.add(twin)
                waiting.append(twin)
    return found


def floor_of(count: float) -> float:
    """The least a reader knows of a hidden count: zeros are shown, so it is 1, unless this one is a hidden zero."""
    return min(1.0, count)


def rounded(count: float, base: int) -> int:
    """To the nearest multiple of `base`, half up; base 1 leaves whole numbers alone."""
    return int(math.floor(count / base + 0.5) * base)


def half_up(value: float, places: int) -> str:
    """A number as text with so many places, half up, as people round and computers do not."""
    scale = 10**places
    # The tiny addend takes 0.285 * 100 = 28.499999999999996 to the half that it means.
    return f"{math.floor(value * scale + 0.5 + 1e-9) / scale:.{places}f}"


def _ranges(
    cells: Iterable[int], sizes: Sequence[float], touching: Mapping[int, Sequence[Relation]], hidden: set[int]
) -> dict[int, tuple[float, float]]:
    """Bounds of hidden cells and of all hidden cells that hang together with them, passed along the relations."""
    ranges = {}
    waiting = list(cells)
    nearby: dict[int, Relation] = {}
    while waiting:
        cell = waiting.pop()
        if cell in ranges:
            continue
        ranges[cell] = (floor_of(sizes[cell]), math.inf)
        for relation in touching.get(cell, ()):
            nearby[id(relation)] = relation
            waiting += [other for other in relation.cells if other in hidden and other not in ranges]
    pending = dict.fromkeys(nearby)
    while pending:
        relation = nearby[next(iter(pending))]
        del pending[id(relation)]
        for cell, least, most in _implied(relation, ranges, sizes):
            before = ranges[cell]
            after = (max(before[0], least), min(before[1], most))
            if after != before:
                ranges[cell] = after
                pending.update((id(other), None) for other in touching[cell] if other is not relation)
    return ranges


def _implied(
    relation: Relation, ranges: Mapping[int, tuple[float, float]], sizes: Sequence[float]
) -> list[tuple[int, float, float]]:
    """What one relation says of each of its hidden cells, given the bounds of the others."""
    least_parts = most_parts = 0.0
    endless = 0
    for part in relation.parts:
        least, most = ranges.get(part) or (sizes[part], sizes[part])
        least_parts += least
        if most == math.inf:
            endless += 1
        else:
            most_parts += most
    least_whole, most_whole = ranges.get(relation.whole) or (sizes[relation.whole], sizes[relation.whole])
    found = []
    if relation.whole in ranges:
        found.append((relation.whole, least_parts, math.inf if endless else most_parts))
    for part in relation.parts:
        if part in ranges:
            least, most = ranges[part]
            others_endless = endless - (most == math.inf)
            others_most = most_parts - (most if most != math.inf else 0.0)
            least_part = -math.inf if others_endless else least_whole - others_most
            found.append((part, least_part, most_whole - (least_parts - least)))
    return found


def _next_to_hide(
    cell: int,
    ranges: Mapping[int, tuple[float, float]],
    sizes: Sequence[float],
    relations: Sequence[Relation],
    hidden: set[int],
) -> tuple[bool, int] | None:
    """What to hide for the sake of `cell`: the smallest shown part of the relation that tells most of it, or, where no
    part is left, the whole. As (is it a whole, cell)."""
    telling = []
    for place, relation in enumerate(relations):
        least, most = next((low, high) for name, low, high in _implied(relation, ranges, sizes) if name == cell)
        shown = [name for name in relation.parts if name not in hidden and sizes[name] > 0]
        if shown:
            smallest = min(shown, key=lambda name: (sizes[name], name))
            telling.append((False, most - least, place, smallest))
        elif relation.whole not in hidden:
            # A whole of one part is that part by another name, and costs no more.
            telling.append((len(relation.parts) > 1, most - least, place, relation.whole))
    if not telling:
        return None
    is_whole, _, _, choice = min(telling, key=lambda item: item[:3])
    return is_whole, choice
