"""The auditor of public tables: what a reader who knows the rules can work out about each hidden cell.

It shares no code with the suppressor. For every hidden cell it finds the least and the most the cell can be, given all
that is shown and all that adds up, by linear programming (scipy's HiGHS). Margins are taken as exact, although what is
printed is rounded: the reader is never better placed than here.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

# A hidden cell must leave at least this much between its least and its most.
REQUIRED_WIDTH = 5.0


@dataclass(frozen=True)
class Exposure:
    """What can be known of one hidden cell: it lies between `least` and `most`."""

    cell: Hashable
    least: float
    most: float

    @property
    def width(self) -> float:
        return self.most - self.least


def bounds(
    shown: Mapping[Hashable, float],
    floors: Mapping[Hashable, float],
    sums: Sequence[tuple[Hashable, Sequence[Hashable]]],
) -> list[Exposure]:
    """Least and most of every hidden cell.

    `shown` maps shown cells to their counts; `floors` maps hidden cells to the least that a reader knows them to be;
    `sums` are (whole, parts) with whole = sum of parts. Cells of a sum are all in `shown` or in `floors`. A cell with
    no ceiling has `most` = infinity. ValueError if the shown counts contradict each other.
    """
    found = []
    for cells, members in _components(floors, sums):
        place = {cell: number for number, cell in enumerate(cells)}
        matrix, right = _equations(place, shown, members)
        limits = [(floors[cell], None) for cell in cells]
        for cell in cells:
            found.append(Exposure(cell, *_extremes(place[cell], matrix, right, limits)))
    return found


def exposed(
    shown: Mapping[Hashable, float],
    floors: Mapping[Hashable, float],
    sums: Sequence[tuple[Hashable, Sequence[Hashable]]],
    required: float = REQUIRED_WIDTH,
) -> list[Exposure]:
    """The hidden cells that are bounded more tightly than `required`; a public table must have none."""
    return [exposure for exposure in bounds(shown, floors, sums) if exposure.width < required - 1e-6]


def _components(floors, sums):
    """Hidden cells that share a sum, directly or through others, with those sums: each is a problem of its own."""
    parent = {cell: cell for cell in floors}

    def top(cell):
        while parent[cell] != cell:
            parent[cell] = parent[parent[cell]]
            cell = parent[cell]
        return cell

    with_hidden = []
    for whole, parts in sums:
        inside = [cell for cell in (whole, *parts) if cell in floors]
        if inside:
            with_hidden.append((inside[0], (whole, parts)))
            for cell in inside[1:]:
                parent[top(cell)] = top(inside[0])
    groups: dict = {}
    for cell in floors:
        groups.setdefault(top(cell), ([], []))[0].append(cell)
    for cell, equation in with_hidden:
        groups[top(cell)][1].append(equation)
    return groups.values()


def _equations(place, shown, members):
    rows, columns, values, right = [], [], [], []
    for number, (whole, parts) in enumerate(members):
        known = 0.0
        for cell, sign in [(whole, -1.0), *((part, 1.0) for part in parts)]:
            if cell in place:
                rows.append(number)
                columns.append(place[cell])
                values.append(sign)
            else:
                known += sign * shown[cell]
        right.append(-known)
    return csr_matrix((values, (rows, columns)), shape=(len(members), len(place))), np.array(right)


def _extremes(target, matrix, right, limits):
    found = []
    for sign in (1.0, -1.0):
        objective = np.zeros(matrix.shape[1])
        objective[target] = sign
        answer = linprog(
            objective, A_eq=matrix if len(right) else None, b_eq=right if len(right) else None, bounds=limits
        )
        if answer.status == 3:
            found.append(float("inf"))
        elif answer.status != 0:
            raise ValueError(f"the shown counts contradict each other: {answer.message}")
        else:
            found.append(sign * answer.fun)
    return tuple(found)
