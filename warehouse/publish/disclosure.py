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

    `counts` holds whole numbers from 0 up, printed or not: a complement or a remainder that nobody prints is a cell
    too, because it can be worked out. Zeros are never hidden for the sake of another cell. A relation is safe when its
    hidden cells are none, or two or more with at least `width` between the least and the most that each can be. The
    smallest cells go first; ties go by the order of `counts`. Deterministic. Stops when nothing changes.
    """
    order = {cell: place for place, cell in enumerate(counts)}
    result = Suppressed(primary={cell for cell, count in counts.items() if 0 < count < below} | set(also_hidden))
    hidden = set(result.primary)
    touching: dict[Cell, list[int]] = {}
    for place, relation in enumerate(relations):
        for cell in relation.cells:
            touching.setdefault(cell, []).append(place)
    waiting = sorted({place for cell in hidden for place in touching.get(cell, ())})
    while waiting:
        place = waiting.pop(0)
        relation = relations[place]
        while not _is_safe(relation, counts, hidden, width):
            candidates = [cell for cell in relation.cells if cell not in hidden and counts[cell] > 0]
            if not candidates:
                break
            # The whole is a margin of other relations as well: it goes last.
            choice = min(candidates, key=lambda cell: (cell == relation.whole, counts[cell], order[cell]))
            hidden.add(choice)
            result.secondary.add(choice)
            waiting += [other for other in touching[choice] if other != place and other not in waiting]
    return result


def floor_of(cell: Cell, counts: Mapping[Cell, float]) -> float:
    """The least a reader knows of a hidden cell: zeros are shown, so it is 1, unless this one is a hidden zero."""
    return min(1.0, counts[cell])


def rounded(count: float, base: int) -> int:
    """To the nearest multiple of `base`, half up; base 1 leaves whole numbers alone."""
    return int(math.floor(count / base + 0.5) * base)


def half_up(value: float, places: int) -> str:
    """A number as text with so many places, half up, as people round and computers do not."""
    scale = 10**places
    # The tiny addend takes 0.285 * 100 = 28.499999999999996 to the half that it means.
    return f"{math.floor(value * scale + 0.5 + 1e-9) / scale:.{places}f}"


def _is_safe(relation: Relation, counts: Mapping[Cell, float], hidden: set[Cell], width: float) -> bool:
    inside = [cell for cell in relation.parts if cell in hidden]
    if relation.whole in hidden:
        # A hidden whole has no ceiling: one hidden part and the whole move together.
        return bool(inside)
    if not inside:
        return True
    slack = sum(counts[cell] - floor_of(cell, counts) for cell in inside)
    return len(inside) > 1 and slack >= width
