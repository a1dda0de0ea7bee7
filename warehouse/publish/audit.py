"""The auditor of public tables: what a reader who knows the rules can work out about each hidden cell.

It shares no code with the suppressor. The least and the most that a hidden cell can be, given all that is shown and all
that adds up, come from linear programming (scipy's HiGHS). What is printed rounded is known within its rounding.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import block_diag, csr_matrix
from scipy.sparse.csgraph import connected_components

# A hidden cell must leave at least this much between its least and its most.
REQUIRED_WIDTH = 5.0
# A cell that can be this large has no ceiling: more than any count but one that was mistyped, of which it is twice.
NO_CEILING = 1e7
# A programme takes longer than its cells do one by one when it is large, and has its start-up cost when it is small.
CELLS_AT_ONCE = 3000

Sums = Sequence[tuple[Hashable, Sequence[Hashable]]]
Shown = Mapping[Hashable, float | tuple[float, float]]


@dataclass(frozen=True)
class Exposure:
    """What can be known of one hidden cell: it lies between `least` and `most`."""

    cell: Hashable
    least: float
    most: float

    @property
    def width(self) -> float:
        return self.most - self.least


def bounds(shown: Shown, floors: Mapping[Hashable, float], sums: Sums) -> list[Exposure]:
    """Least and most of every hidden cell, exactly.

    `shown` maps shown cells to their counts, or to the (least, most) that a rounded count tells; `floors` maps hidden
    cells to the least that a reader knows them to be; `sums` are (whole, parts) with whole = sum of parts, and their
    cells are all in `shown` or in `floors`. A cell with no ceiling has `most` = infinity. ValueError if shown counts
    contradict each other.
    """
    return _ask(shown, floors, sums, floors.keys(), float("inf"))


def exposed(
    shown: Shown,
    floors: Mapping[Hashable, float],
    sums: Sums,
    asked: Collection[Hashable] | None = None,
    required: float = REQUIRED_WIDTH,
) -> list[Exposure]:
    """The hidden cells (of those `asked`) bounded more tightly than `required`; a public table must have none.

    Arguments as for `bounds`. Quicker than it: a cell of which two possible tables differ by `required` is safe, and
    each programme solved gives a possible table for all cells at once.
    """
    found = _ask(shown, floors, sums, floors.keys() if asked is None else asked, required)
    return [exposure for exposure in found if exposure.width < required - 1e-6]


@dataclass
class _Problem:
    """Cells that nobody knows to the last and that hang together, the equations that bind them, and what solutions have
    shown so far."""

    cells: list
    floors: np.ndarray
    ceilings: np.ndarray
    matrix: csr_matrix
    right: list[float]
    waiting: list[int]
    seen_least: np.ndarray = field(init=False)
    seen_most: np.ndarray = field(init=False)
    known: list[Exposure] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.seen_least = np.full(len(self.cells), np.inf)
        self.seen_most = np.full(len(self.cells), -np.inf)

    def note(self, solution: np.ndarray) -> None:
        self.seen_least = np.minimum(self.seen_least, solution)
        self.seen_most = np.maximum(self.seen_most, solution)

    def towards(self, place: int) -> np.ndarray:
        """The direction in which this cell alone grows."""
        direction = np.zeros(len(self.cells))
        direction[place] = 1.0
        return direction

    def open_cells(self, required: float) -> list[int]:
        """Cells still to be asked for that no pair of solutions has shown to be safe."""
        return [place for place in self.waiting if self.seen_most[place] - self.seen_least[place] < required]

    def next_cell(self, required: float) -> int | None:
        """The next cell that no pair of solutions has shown to be safe."""
        while self.waiting:
            place = self.waiting[-1]
            if self.seen_most[place] - self.seen_least[place] < required:
                return place
            self.waiting.pop()
        return None


def _ask(shown, floors, sums, asked, required) -> list[Exposure]:
    asked = set(asked)
    exact, rounded = {}, {}
    for cell, known in shown.items():
        if not isinstance(known, tuple):
            exact[cell] = known
        elif known[0] == known[1]:
            exact[cell] = known[0]
        else:
            rounded[cell] = known
    ranges = {cell: (least, np.inf) for cell, least in floors.items()} | rounded
    problems = [
        _problem(cells, members, exact, ranges, asked)
        for cells, members in _components(ranges, sums)
        if not asked.isdisjoint(cells)
    ]
    found: list[Exposure] = []
    if required < np.inf:
        # Tables at the far ends of a few directions drawn at will show most cells to be safe at once; then only those
        # that are left are pulled at, for as long as that shows some of them to be safe.
        draw = np.random.default_rng(0)
        drawn = problems
        while drawn := [problem for problem in drawn if problem.next_cell(required) is not None]:
            open_before = [problem.open_cells(required) for problem in drawn]
            directions = [np.zeros(len(problem.cells)) for problem in drawn]
            for direction, places in zip(directions, open_before, strict=True):
                direction[places] = draw.choice((-1.0, 1.0), len(places))
            _try(drawn, directions)
            drawn = [
                problem
                for problem, places in zip(drawn, open_before, strict=True)
                if len(problem.open_cells(required)) < len(places)
            ]
    # Problems share nothing, so one programme asks one cell of each at a time.
    while open_problems := [problem for problem in problems if problem.next_cell(required) is not None]:
        directions = [problem.towards(problem.next_cell(required)) for problem in open_problems]
        ends = _try(open_problems, directions)
        for problem, low, high in zip(open_problems, *ends, strict=True):
            place = problem.waiting.pop()
            found.append(
                Exposure(
                    problem.cells[place], low[place], np.inf if high[place] >= problem.ceilings[place] else high[place]
                )
            )
    return found


def _components(ranges, sums):
    """Cells of `ranges` that share a sum, directly or through others, and those sums: each is a problem of its own."""
    place = {cell: number for number, cell in enumerate(ranges)}
    with_hidden, ends, other_ends = [], [], []
    for whole, parts in sums:
        inside = [place[cell] for cell in (whole, *parts) if cell in place]
        if inside:
            with_hidden.append((inside[0], (whole, parts)))
            ends += inside[:1] * (len(inside) - 1)
            other_ends += inside[1:]
    edges = csr_matrix((np.ones(len(ends)), (ends, other_ends)), shape=(len(place), len(place)))
    _, labels = connected_components(edges, directed=False)
    groups: dict = {}
    for cell, label in zip(ranges, labels.tolist(), strict=True):
        groups.setdefault(label, ([], []))[0].append(cell)
    for number, equation in with_hidden:
        groups[labels[number]][1].append(equation)
    return groups.values()


def _problem(cells, members, shown, ranges, asked) -> _Problem:
    place = {cell: number for number, cell in enumerate(cells)}
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
    ceiling = max([NO_CEILING, *(2 * abs(total) for total in right)])
    return _Problem(
        cells=cells,
        floors=np.array([ranges[cell][0] for cell in cells], dtype=float),
        ceilings=np.array([min(ranges[cell][1], ceiling) for cell in cells], dtype=float),
        matrix=csr_matrix((values, (rows, columns)), shape=(len(members), len(cells))),
        right=right,
        waiting=[number for number, cell in enumerate(cells) if cell in asked][::-1],
    )


def _try(problems: list[_Problem], directions: list[np.ndarray]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Possible tables of every problem at both ends of its direction, least and most; each problem notes its own."""
    ends: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])
    first = 0
    while first < len(problems):
        last, cells = first + 1, len(problems[first].cells)
        while last < len(problems) and cells + len(problems[last].cells) <= CELLS_AT_ONCE:
            cells += len(problems[last].cells)
            last += 1
        for found, sign in zip(ends, (1.0, -1.0), strict=True):
            found += _solve(problems[first:last], directions[first:last], sign)
        first = last
    return ends


def _solve(problems: list[_Problem], directions: list[np.ndarray], sign: float) -> list[np.ndarray]:
    """A possible table of every problem at the least (sign 1) or most (sign -1) of its direction, in one programme."""
    floors = np.concatenate([problem.floors for problem in problems])
    ceilings = np.concatenate([problem.ceilings for problem in problems])
    answer = linprog(
        sign * np.concatenate(directions),
        A_eq=block_diag([problem.matrix for problem in problems], format="csr"),
        b_eq=np.concatenate([problem.right for problem in problems]),
        bounds=np.column_stack([floors, ceilings]),
        method="highs-ds",
        options={"presolve": False},  # it finds little in sums of ones, and takes as long as the rest
    )
    if answer.status != 0:
        raise ValueError(f"the shown counts contradict each other: {answer.message}")
    tables = np.split(answer.x, np.cumsum([len(problem.cells) for problem in problems])[:-1])
    for problem, table in zip(problems, tables, strict=True):
        problem.note(table)
    return tables
