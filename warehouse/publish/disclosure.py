"""Statistical disclosure control of counts: primary, complement and secondary suppression over linear relations.

Pure functions over cells; nothing here knows a metric. Rules: equity-methods reference, section 11. The auditor
(`warehouse.publish.audit`) is written apart from this and judges what comes out of it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

Cell = Hashable

# How often hidden cells are looked at again for the sake of hiding a few less.
PATIENCE = 40
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


def small(counts: Mapping[Cell, float], below: int) -> set[Cell]:
    """The cells of 1 to `below` - 1: hidden for their own sake."""
    return {cell for cell, count in counts.items() if 0 < count < below}


def suppress(
    counts: Mapping[Cell, float],
    relations: Sequence[Relation],
    primary: Collection[Cell],
    width: float = SAFE_WIDTH,
    known: Collection[Cell] = (),
    dear: Collection[Cell] = (),
    ranges: Mapping[Cell, tuple[float, float]] | None = None,
) -> Suppressed:
    """Hide `primary` and as many more as it takes that none of them can be worked out.

    `counts` holds whole numbers from 0 up, printed or not: a complement that nobody prints is a cell too, because it
    can be worked out. `ranges` says between what a reader knows each shown count to be, which is printed rounded; where
    it says nothing a count is known exactly. Zeros are never hidden for the sake of another cell. A hidden cell is safe
    when what is shown leaves at least `width` between its least and its most. The smallest cells go first; ties go by
    the order of `counts`. What is `known` from elsewhere protects nothing by being hidden: it is hidden only where
    nothing else is left; and so is what is `dear`, such as the figure of everyone. Deterministic. Stops when nothing
    changes, or when nothing is left to hide.
    """
    # Numbers stand for cells inside: they are quick to look up, and their order is that of `counts`.
    cells = list(counts)
    place = {cell: number for number, cell in enumerate(cells)}
    sizes = [counts[cell] for cell in cells]
    sums = _Sums(len(cells), [(place[r.whole], tuple(place[part] for part in r.parts)) for r in relations])
    first = {place[cell] for cell in primary}
    told = {place[cell] for cell in known} - first
    last = {place[cell] for cell in dear}
    within = np.array([(ranges or {}).get(cell, (size, size)) for cell, size in counts.items()], dtype=float)
    sums.shown_least, sums.shown_most = within.reshape(-1, 2).T
    secondary = _secondary(sizes, sums, first, width, told, last)
    if told:
        secondary |= _secondary(sizes, sums, first | secondary, width, set(), last)
    return Suppressed(primary={cells[number] for number in first}, secondary={cells[number] for number in secondary})


def _secondary(
    sizes: Sequence[float], sums: _Sums, primary: set[int], width: float, known: set[int], dear: set[int]
) -> set[int]:
    size_array = np.array(sizes, dtype=float)
    secondary = _twins(primary, primary, sizes, sums, known)
    # What is safe stays safe when more is hidden, so a cell is looked at until it is safe. A hidden zero needs no guard
    # of its own: what it would tell is told by the counts beside it, and they have one.
    unsafe = sorted(cell for cell in primary | secondary if sizes[cell] > 0)
    for looked in itertools.count():
        if not unsafe:
            break
        hidden = primary | secondary
        bounds = sums.bounds(unsafe, size_array, hidden)
        spent = hidden | known
        narrow = [cell for cell in unsafe if bounds.most[cell] - bounds.least[cell] < width]
        chosen = _to_hide(narrow, bounds, sizes, sums, spent, dear, width)
        # Others may make it safe, or leave it with something to hide.
        unsafe = narrow
        choices = set(chosen.values())
        newly: set[int] = set()
        helped: set[int] = set()
        # A part before a whole: a whole is a margin of every other breakdown, and often a part elsewhere saves it.
        cheapest: dict[int, int] = {}
        for rank, choice in choices:
            component = sums.component[choice]
            cheapest[component] = min(rank, cheapest.get(component, rank))
        for rank, choice in sorted(choices, key=lambda found: (found[0], sizes[found[1]], found[1])):
            if rank > cheapest[sums.component[choice]]:
                continue
            # One more hidden cell may save several, here and, with its twin, one sum further: neighbours wait until all
            # are looked at again.
            touched = [relation for relation, _ in sums.touching[choice]]
            # Not for ever: in a small county nearly all is hidden, and one at a time would take a quarter of an hour.
            if looked >= PATIENCE or helped.isdisjoint(touched):
                newly.add(choice)
                beside = {relation for relation in touched if sums.wholes[relation] != choice}
                near = {cell for relation in beside for cell in (sums.wholes[relation], *sums.parts[relation])}
                helped.update(relation for cell in near for relation, _ in sums.touching[cell])
        if not newly:
            break
        newly |= _twins(newly, hidden | newly, sizes, sums, known)
        secondary |= newly
        unsafe = sorted({*unsafe, *newly})
    return secondary


def _twins(newly: Iterable[int], hidden: set[int], sizes: Sequence[float], sums: _Sums, known: set[int]) -> set[int]:
    """What has to be hidden along with `newly` without any choice: the other part of a sum of two that is shown."""
    found: set[int] = set()
    waiting = list(newly)
    while waiting:
        cell = waiting.pop()
        for relation, _ in sums.touching[cell]:
            parts, whole = sums.parts[relation], sums.wholes[relation]
            if len(parts) != 2 or cell not in parts or whole in hidden or whole in found:
                continue
            if sums.shown_most[whole] > sums.shown_least[whole]:
                continue  # rounding leaves something open
            other = parts[1] if parts[0] == cell else parts[0]
            if sizes[cell] > 0 and other not in hidden and other not in found:
                twin = other if sizes[other] > 0 else whole
                if twin not in known:
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


@dataclass(frozen=True)
class _Bounds:
    """The least and most of each cell (of cells that hang together with those asked for), and how far apart each
    relation alone leaves its whole and each of its parts."""

    least: np.ndarray
    most: np.ndarray
    whole_width: np.ndarray
    part_width: np.ndarray


class _Sums:
    """Relations among numbered cells, as arrays: `touching` names the relations of each cell, and the cell's place
    among the parts of all relations, or -1 where it is the whole."""

    def __init__(self, cells: int, relations: Sequence[tuple[int, tuple[int, ...]]]) -> None:
        self.wholes = [whole for whole, _ in relations]
        self.parts = [parts for _, parts in relations]
        self.touching: list[list[tuple[int, int]]] = [[] for _ in range(cells)]
        places = itertools.count()
        for relation, (whole, parts) in enumerate(relations):
            self.touching[whole].append((relation, -1))
            for part in parts:
                self.touching[part].append((relation, next(places)))
        self.whole = np.array(self.wholes, dtype=int)
        self.part = np.array([part for parts in self.parts for part in parts], dtype=int)
        self.relation = np.repeat(np.arange(len(relations)), [len(parts) for parts in self.parts])
        links = coo_matrix((np.ones(len(self.part)), (self.whole[self.relation], self.part)), shape=(cells, cells))
        self.components, self.component = connected_components(links, directed=False)
        # Between what a reader knows each cell to be that is shown; set by who knows.
        self.shown_least = self.shown_most = np.zeros(cells)

    def bounds(self, asked: Sequence[int], sizes: np.ndarray, hidden: set[int]) -> _Bounds:
        """Bounds of the cells `asked` for, passed along the relations until they change no more."""
        least, most = self.shown_least.copy(), self.shown_most.copy()
        closed = np.fromiter(hidden, dtype=int)
        least[closed] = np.minimum(1.0, sizes[closed])
        most[closed] = np.inf
        is_near = np.zeros(self.components, dtype=bool)
        is_near[self.component[list(asked)]] = True
        near = is_near[self.component]
        relations, places = np.flatnonzero(near[self.whole]), np.flatnonzero(near[self.part])
        whole, part = self.whole[relations], self.part[places]
        of = np.searchsorted(relations, self.relation[places])
        whole_width, part_width = np.full(len(self.whole), np.inf), np.full(len(self.part), np.inf)
        while True:
            before = least.copy(), most.copy()
            endless = np.isinf(most[part])
            most_part = np.where(endless, 0.0, most[part])
            least_sum = np.bincount(of, least[part], len(relations))
            most_sum = np.bincount(of, most_part, len(relations))
            endless_in_sum = np.bincount(of, endless, len(relations))
            implied_most = np.where(endless_in_sum > 0, np.inf, most_sum)
            part_least = np.where(endless_in_sum[of] > endless, -np.inf, least[whole][of] - (most_sum[of] - most_part))
            part_most = most[whole][of] - (least_sum[of] - least[part])
            whole_width[relations] = implied_most - least_sum
            part_width[places] = part_most - part_least
            np.maximum.at(least, whole, least_sum)
            np.minimum.at(most, whole, implied_most)
            np.maximum.at(least, part, part_least)
            np.minimum.at(most, part, part_most)
            if np.array_equal(before[0], least) and np.array_equal(before[1], most):
                return _Bounds(least, most, whole_width, part_width)


def _to_hide(
    narrow: Sequence[int],
    bounds: _Bounds,
    sizes: Sequence[float],
    sums: _Sums,
    spent: set[int],
    dear: set[int],
    width: float,
) -> dict[int, tuple[int, int]]:
    """What to hide for the sake of each of the cells, of those relations that alone tell too much of it; where no cell
    has such a relation left, of any, for then bounds of several tell it together."""
    for enough in (width, np.inf):
        chosen = {
            cell: choice for cell in narrow if (choice := _next_to_hide(cell, bounds, sizes, sums, spent, dear, enough))
        }
        if chosen:
            return chosen
    return {}


def _next_to_hide(
    cell: int,
    bounds: _Bounds,
    sizes: Sequence[float],
    sums: _Sums,
    spent: set[int],
    dear: set[int],
    enough: float,
) -> tuple[int, int] | None:
    """What to hide for the sake of `cell`: the smallest part not `spent` of the relation that tells most of it, or,
    where no part is left, the whole; what is `dear` after all else. Of relations that leave less than `enough` open. As
    (rank, cell): 0 for a part, 1 for a whole, 2 and 3 where they are dear."""
    telling = []
    for order, (relation, place) in enumerate(sums.touching[cell]):
        width = bounds.whole_width[relation] if place < 0 else bounds.part_width[place]
        if width >= enough:
            continue
        parts, whole = sums.parts[relation], sums.wholes[relation]
        shown = [part for part in parts if part not in spent and sizes[part] > 0]
        if shown:
            part = min(shown, key=lambda part: (part in dear, sizes[part], part))
            telling.append((2 if part in dear else 0, width, order, part))
        if whole not in spent:
            # A whole of one part is that part by another name, and costs no more.
            telling.append(((2 if whole in dear else 0) + (len(parts) > 1), width, order, whole))
    if not telling:
        return None
    rank, _, _, choice = min(telling, key=lambda item: item[:3])
    return rank, choice
