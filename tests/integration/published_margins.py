"""People made to match the margins that DfE published of one council, for the SEN2 return of 2025.

DfE publishes two-way tables: setting by age, need by sex, review by ethnicity, never the people. Many councils of
people have the same tables. One of them is made here, always the same one:

- Who has a plan, by setting, need, ethnicity, age, year of start and age at start: one integer programme (`Programme`),
  for these hang together.
- All else is shuffled within a setting, which keeps every table by setting, and then swapped pair by pair until the
  tables by sex, ethnicity, age and years hold too (`Crowd`).
- Requests and refusals are of other people than those with plans; issued assessments are those of the new plans, with
  people of their own where the tables have more. DfE's tables do not say who is who: one reading is as good as another.

Nothing of this is real but the margins, and those are read from the files beside the clone, never kept here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_matrix

YEAR = 2025
# Of the search: pairs of people looked at in one step, and how readily a step goes uphill.
PAIRS, HEAT = 100, 0.7
CENSUS_DAY = date(2025, 1, 16)
PERIODS = ("2024", "202425")
FILES = (
    "caseload",
    "newplans",
    "sen_needs_all_plans",
    "sen_need_newplans",
    "requests",
    "assessments",
    "timeliness_20_week",
    "annual_reviews",
    "personal_budgets",
    "residential_settings",
    "work_based_placements",
    "ceased_plans",
)
OFFICERS = "sen2_dmo_dco"
# Column of caseload and newplans, the type of placement as other files print it, and how a return says it: GIAS type
# with its unit or resourced provision, or the code of a setting without a number. Blank is a URN that nobody knows.
SETTINGS = (
    ("mainstream_la_maintained", "Mainstream - LA maintained", "1"),
    ("mainstream_la_maintained_resourced_provision", "Mainstream - LA maintained (resourced provision)", "1 base"),
    ("mainstream_la_maintained_senunit", "Mainstream - LA maintained (SEN unit)", "1 unit"),
    ("mainstream_academy", "Mainstream - academy", "34"),
    ("mainstream_academy_resourced_provision", "Mainstream - academy (resourced provision)", "34 base"),
    ("mainstream_academy_senunit", "Mainstream - academy (SEN unit)", "34 unit"),
    ("mainstream_free_school", "Mainstream - free school", "35"),
    ("mainstream_free_school_resourced_provision", "Mainstream - free school (resourced provision)", "35 base"),
    ("mainstream_free_school_senunit", "Mainstream - free school (SEN unit)", "35 unit"),
    ("mainstream_independent", "Mainstream - independent", "11"),
    ("special_la_maintained", "Special - LA maintained", "7"),
    ("special_academy_free", "Special - academy/free school", "44"),
    ("special_independent", "Special - independent", "10"),
    ("special_non_maintained", "Special - non-maintained", "8"),
    ("ap_pru_academy", "AP/PRU - academy", "42"),
    ("ap_pru_free_school", "AP/PRU - free school", "38"),
    ("ap_pru_la_maintained", "AP/PRU - LA maintained", "14"),
    ("general_fe_tertiary_colleges", "FE - general FE and tertiary colleges", "18"),
    ("specialist_post_16_institutions", "FE - specialist post-16 institutions", "32"),
    ("ukrlp_provider", "FE - UKRLP provider", "UKPRN"),
    ("elective_home_education", "Educated elsewhere - elective home education", "EHE"),
    ("other_arrangements_la", "Educated elsewhere - other arrangements by LA", "OLA"),
    ("other_arrangements_parents", "Educated elsewhere - other arrangements by parents", "OPA"),
    ("online_provider", "Educated elsewhere - online provider", "49"),
    ("w_settings", "Educated elsewhere - Welsh establishment", "30"),
    ("other_schools", "Educated elsewhere - other schools and establishments", "27"),
    ("other_placement_settings", "Educated elsewhere - other placement settings", "OTH"),
    ("neet", "Educated elsewhere - NEET", "NEET"),
    ("neet_ntci", "Educated elsewhere - not in education or training (notice to cease issued)", "NIEC"),
    ("neet_other", "Educated elsewhere - not in education or training (other)", "NIEO"),
    ("neet_other_csa", "Educated elsewhere - not in education or training (compulsory school age)", "NIEO"),
    ("nm_early_years", "Non-maintained early years", "EYP"),
    ("placement_unknown", "Placement not recorded", ""),
)
COLUMNS = [column for column, _, _ in SETTINGS]
PLACEMENTS = [label for _, label, _ in SETTINGS]
NIEO = [COLUMNS.index("neet_other"), COLUMNS.index("neet_other_csa")]
UNLISTED = COLUMNS.index("other_schools")  # newplans prints x here, and means these
NEEDS = ("asd", "hi", "mld", "msi", "oth", "pd", "pmld", "semh", "slcn", "sld", "spld", "vi", "need_unknown")
SEXES = ("Female", "Male")
# Main codes in the order of LABELS; unclassified is one who refused to say.
ETHNICITIES = {
    "WBRI": "White - White British",
    "WIRI": "White - Irish",
    "WIRT": "White - Traveller of Irish heritage",
    "WOTH": "White - Any other White background",
    "WROM": "White - Gypsy/Roma",
    "MWBC": "Mixed - White and Black Caribbean",
    "MWBA": "Mixed - White and Black African",
    "MWAS": "Mixed - White and Asian",
    "MOTH": "Mixed - Any other Mixed background",
    "AIND": "Asian - Indian",
    "APKN": "Asian - Pakistani",
    "ABAN": "Asian - Bangladeshi",
    "AOTH": "Asian - Any other Asian background",
    "CHNE": "Asian - Chinese",
    "BCRB": "Black - Black Caribbean",
    "BAFR": "Black - Black African",
    "BOTH": "Black - Any other Black background",
    "OOTH": "Any other ethnic group",
    "REFU": "Unclassified",
}
LABELS = list(ETHNICITIES.values())
# Ages as levels: single years from 3 to 25 with those below 3 as one, and 3 to 19 with those above as one.
TO_25 = ["under 3", *(f"age {age}" for age in range(3, 26))]
TO_20 = ["age 2 and under", *(f"age {age}" for age in range(3, 20)), "age 20 and over"]
AT_WORK = ["age 15 and under", *(f"age {age}" for age in range(16, 25))]
IN_PLACE = ["Less than a year", *(str(years) for years in range(1, 12)), "12 or more"]
HELD = ["Under a year", "1 year", *(f"{years} years" for years in range(2, 12)), "12 years and over"]
REASONS = (
    "max_age",
    "needs_met",
    "he",
    "employ",
    "transfer",
    "no_engage",
    "moved_outside_eng",
    "deceased",
    "other",
    "not_rec",
)


def to_20(age: int) -> int:
    """Level of an age in years among TO_20."""
    return min(max(age, 2), 20) - 2


class Impossible(ValueError):
    """No people have these margins; the message says which table it is about."""


class Published:
    """The rows of one council, of January 2025 and calendar 2024, by file, topic and label."""

    def __init__(self, la_code: str, rows: dict[str, list[dict[str, str]]]):
        self.la_code = la_code
        self.cells: dict[tuple[str, str, str], dict[str, str]] = {}
        for name in FILES:
            for row in rows[name]:
                if row["old_la_code"] == la_code:
                    self.cells[name, *key(row)] = row
        self.officers = next(row for row in rows[OFFICERS] if row["old_la_code"] == la_code)

    def number(self, name: str, topic: str, label: str, column: str) -> int:
        """One figure; a row that is not there, and z or x in its place, are nobody."""
        text = self.cells.get((name, topic, _label(label)), {}).get(column, "0")
        return int(text) if text.lstrip("-").isdigit() else 0

    def margin(self, name: str, topic: str, labels: Sequence[str], columns: Sequence[str]) -> np.ndarray:
        """Labels × columns."""
        return np.array([[self.number(name, topic, label, column) for column in columns] for label in labels])

    def total(self, name: str, column: str) -> int:
        return self.number(name, "all", "all", column)

    def says(self, name: str, column: str) -> bool:
        """Whether DfE gives a number in the total row, and not x."""
        return self.cells[name, "all", "all"][column].isdigit()


def read(folder: Path, la_codes: Sequence[str]) -> dict[str, Published]:
    """What DfE published of some councils, from the files of the 2025 release."""
    found = {}
    with duckdb.connect() as connection:
        for name, ending in [*((name, "csv.gz") for name in FILES), (OFFICERS, "csv")]:
            relation = connection.sql(
                f"select * from read_csv('{(folder / name).as_posix()}.{ending}', all_varchar = true, header = true) "
                f"where old_la_code in {tuple(la_codes)} "
                f"and time_period in {PERIODS if name != OFFICERS else ('2025', '')}"
            )
            columns = [column.lower() for column in relation.columns]
            found[name] = [dict(zip(columns, values, strict=True)) for values in relation.fetchall()]
    return {la_code: Published(la_code, found) for la_code in la_codes}


def key(row: dict[str, str]) -> tuple[str, str]:
    """Topic and label of a row, in one spelling for all files; all and all of the row over everybody."""
    if row["breakdown"] == row["breakdown_topic"]:
        return "all", "all"
    return _topic(row), _label(row["breakdown"])


def _topic(row: dict[str, str]) -> str:
    topic = row["breakdown_topic"]
    words = {
        "Child or young persons age": "age",
        "Young persons age": "age",
        "Age plan ceased": "age",
        "Age when plan started": "age at start",
        "Years EHC plan in place": "years",
        "Years plan held": "years",
        "Type of placement": "placement",
    }
    return words.get(topic, topic.lower())


def _label(text: str) -> str:
    """Files differ in capitals, in 'aged' for 'age', and in one plural."""
    return text.lower().replace("aged ", "age ").replace("academy/free schools", "academy/free school")


def spread(margin: Iterable[int], rng: np.random.Generator) -> np.ndarray:
    """As many of each level as the margin says, in any order."""
    values = np.repeat(np.arange(len(list(margin))), margin)
    rng.shuffle(values)
    return values


# Where counts stand: file, topic, labels, columns; several columns, with a blank between, where a level counts in each.
Printed = tuple[str, str, Sequence[str], Sequence[str]]
# Attributes that are swapped together, the stratum of each person as it is now, and who may take part.
Move = tuple[Sequence[str], Callable[[], np.ndarray], np.ndarray]


class Crowd:
    """People with some attributes, each a level per person, and the two-way tables that they are to have.

    Swapping attributes between two people of one stratum keeps every count by stratum; `settle` swaps until the tables
    hold. `deal` gives one attribute to everybody at once.
    """

    def __init__(self, attributes: dict[str, np.ndarray], rng: np.random.Generator):
        self.attributes = attributes
        self.rng = rng
        self.tables: list[Table] = []

    def want(
        self,
        one: str,
        other: str,
        printed: Printed,
        who: np.ndarray,
        counts: np.ndarray,
    ) -> None:
        """So many people of each level of `one` have each level of `other`, among `who`; others are free.

        `printed` says where the counts stand: file, topic, labels (the levels of `one`) and columns (those of `other`).
        """
        free = int(self.attributes[other].max()) + 1 - counts.shape[1]
        weight = np.ones(counts.shape, int)
        if free > 0:
            counts, weight = (np.column_stack([part, np.zeros((len(part), free), int)]) for part in (counts, weight))
        table = Table((one, other), printed, who, counts.astype(int), weight, np.zeros(0))
        table.recount(self.attributes)
        self.tables.append(table)

    def gaps(self) -> dict[tuple[str, str, str, str], int]:
        """Cells that people do not hold: file, topic, label and column → how many too many there are."""
        found: dict[tuple[str, str, str, str], int] = {}
        for table in self.tables:
            file, topic, labels, columns = table.printed
            for row, column in np.argwhere(table.gap * table.weight):
                for printed in columns[column].split(" "):
                    other, _, name = printed.rpartition(".")
                    cell = (other or file, topic, _label(labels[row]), name)
                    found[cell] = found.get(cell, 0) + int(table.gap[row, column])
        return {cell: gap for cell, gap in found.items() if gap}

    def deal(self, name: str, totals: Sequence[int], may: np.ndarray) -> None:
        """Deal one attribute out among everybody by a programme: so many of each level, each to those who may have it.

        `may` is people × levels. Cells that cannot be held are as few as can be.
        """
        tables = [table for table in self.tables if table.names[1] == name]
        kinds = list(
            zip(map(tuple, may.tolist()), *(self.attributes[table.names[0]].tolist() for table in tables), strict=True)
        )
        counts = Counter(kinds)
        programme = Programme()
        for kind, count in counts.items():
            for level in np.flatnonzero(kind[0]).tolist():
                cells = [("cell", place, row, level) for place, row in enumerate(kind[1:])]
                programme.variable((kind, level), [("kind", kind), ("level", level), *cells])
            programme.want(("kind", kind), count)
        for level, total in enumerate(totals):
            programme.want(("level", level), total)
        for place, table in enumerate(tables):
            for row, level in np.argwhere(table.weight).tolist():
                key = ("cell", place, row, level)
                programme.variable(("too few", key), [key], cost=1)
                programme.less(key, programme.variable(("too many", key), [], cost=1))
                programme.want(key, table.wanted[row, level])
        found = programme.solve(name)
        for kind in counts:
            dealt = np.repeat(np.arange(len(totals)), [found.get((kind, level), 0) for level in range(len(totals))])
            self.attributes[name][[each == kind for each in kinds]] = dealt
        for table in tables:
            table.recount(self.attributes)

    def settle(self, moves: Sequence[Move], steps: int = 2_000, rounds: int = 5) -> None:
        """Make each kind of move for some steps, round after round, until the tables that they touch hold."""
        before = None
        while rounds and (left := sum(table.cost for table in self.tables)) and left != before:
            rounds, before = rounds - 1, left
            for moved, stratum, may in moves:
                self._swap(moved, stratum(), may, steps)

    def _swap(self, moved: Sequence[str], stratum: np.ndarray, may: np.ndarray, steps: int) -> None:
        """Swap the `moved` attributes, all together, between people of one stratum who `may`, until their tables hold.

        Each step takes somebody out of a cell that is too full, looks at pairs, and swaps the one that mends most.
        """
        tables = [table for table in self.tables if len(set(table.names) & set(moved)) == 1]
        order = np.flatnonzero(may)
        order = order[np.argsort(stratum[order], kind="stable")]
        size = np.zeros(len(may), int)
        first = np.zeros(len(may), int)
        _, start, which, count = np.unique(stratum[order], return_index=True, return_inverse=True, return_counts=True)
        size[order], first[order] = count[which], start[which]
        while steps and (open_tables := [table for table in tables if table.cost]):
            steps -= 1
            table = open_tables[self.rng.integers(len(open_tables))]
            cells = np.argwhere((table.gap > 0) & (table.weight > 0))
            if not len(cells):
                cells = np.argwhere((table.gap < 0) & (table.weight > 0))
            cell = cells[self.rng.integers(len(cells))]
            inside = table.who & may
            for attribute, level in zip(table.names, cell, strict=True):
                inside &= self.attributes[attribute] == level
            found = np.flatnonzero(inside)
            if not len(found):
                continue
            ones = found[self.rng.integers(0, len(found), PAIRS)]
            others = order[first[ones] + (self.rng.random(PAIRS) * size[ones]).astype(int)]
            change = np.zeros(PAIRS, int)
            for each in tables:
                change += each.change(self.attributes, moved, ones, others)
            # Mostly downhill; now and then a step up, or it would stay where it is.
            change[ones == others] = len(may)
            best = int(change.min())
            if best > 0 and self.rng.random() > np.exp(-best / HEAT):
                continue
            pair = self.rng.choice(np.flatnonzero(change == best))
            one, other = int(ones[pair]), int(others[pair])
            for each in tables:
                each.swap(self.attributes, moved, one, other)
            for name in moved:
                value = self.attributes[name]
                value[one], value[other] = value[other], value[one]


@dataclass
class Table:
    """A two-way table of some of the people: what they have less what they are to have, and which cells count."""

    names: tuple[str, str]
    printed: Printed
    who: np.ndarray
    wanted: np.ndarray
    weight: np.ndarray
    gap: np.ndarray
    cost: int = 0

    def recount(self, attributes: dict[str, np.ndarray]) -> None:
        """Count everybody."""
        self.gap = -self.wanted
        np.add.at(self.gap, tuple(attributes[name][self.who] for name in self.names), 1)
        self.count()

    def count(self) -> None:
        """Note by how much the table does not hold."""
        self.cost = int((np.abs(self.gap) * self.weight).sum())

    def _sides(self, moved: Sequence[str]) -> tuple[str, str, np.ndarray, np.ndarray]:
        """The attribute that moves and the one that stays, with gap and weight that way round."""
        if self.names[0] in moved:
            return *self.names, self.gap, self.weight
        return self.names[1], self.names[0], self.gap.T, self.weight.T

    def change(
        self, attributes: dict[str, np.ndarray], moved: Sequence[str], ones: np.ndarray, others: np.ndarray
    ) -> np.ndarray:
        """By how much the cost grows if a pair swaps, for each pair by itself."""
        moving, still, gap, weight = self._sides(moved)
        less, more = weight * (np.abs(gap - 1) - np.abs(gap)), weight * (np.abs(gap + 1) - np.abs(gap))
        mine, theirs = attributes[moving][ones], attributes[moving][others]
        here, there = attributes[still][ones], attributes[still][others]
        first, second = self.who[ones], self.who[others]
        change = first * (less[mine, here] + more[theirs, here]) + second * (less[theirs, there] + more[mine, there])
        change[(mine == theirs) | ((here == there) & first & second)] = 0
        return change

    def swap(self, attributes: dict[str, np.ndarray], moved: Sequence[str], one: int, other: int) -> None:
        """Count the swap of two people."""
        moving, still, gap, _ = self._sides(moved)
        for person, before, after in ((one, one, other), (other, other, one)):
            if self.who[person]:
                gap[attributes[moving][before], attributes[still][person]] -= 1
                gap[attributes[moving][after], attributes[still][person]] += 1
        self.count()


@dataclass
class Programme:
    """Whole numbers of people that add up as asked: the variables of an integer programme with their names."""

    names: list[tuple[Any, ...]] = field(default_factory=list)
    cost: list[float] = field(default_factory=list)
    sums: dict[tuple[Any, ...], list[int]] = field(default_factory=lambda: defaultdict(list))
    wanted: dict[tuple[Any, ...], tuple[float, float]] = field(default_factory=dict)
    signs: dict[tuple[tuple[Any, ...], int], int] = field(default_factory=dict)

    def variable(self, name: tuple[Any, ...], sums: Iterable[tuple[Any, ...]], cost: float = 0) -> int:
        """A count of people that goes into these sums."""
        self.names.append(name)
        self.cost.append(cost)
        for key in sums:
            self.sums[key].append(len(self.names) - 1)
        return len(self.names) - 1

    def less(self, key: tuple[Any, ...], variable: int) -> None:
        """A sum is less by a variable."""
        self.sums[key].append(variable)
        self.signs[key, variable] = -1

    def want(self, key: tuple[Any, ...], low: float, high: float | None = None) -> None:
        """A sum of the variables lies between two numbers, or is one number."""
        self.wanted[key] = (low, low if high is None else high)

    def solve(self, what: str) -> dict[tuple[Any, ...], int]:
        """The count by name, of those that are more than nobody. Raises Impossible."""
        keys = list(self.wanted)
        cells = [
            (row, column, self.signs.get((key, column), 1))
            for row, key in enumerate(keys)
            for column in self.sums.get(key, [])
        ]
        rows, columns, signs = (np.array(part) for part in zip(*cells, strict=True))
        matrix = coo_matrix((signs, (rows, columns)), shape=(len(keys), len(self.names))).tocsr()
        low, high = (np.array(end) for end in zip(*self.wanted.values(), strict=True))
        found = milp(
            np.array(self.cost),
            constraints=LinearConstraint(matrix, low, high),
            integrality=np.ones(len(self.names)),
            bounds=Bounds(0, np.inf),
        )
        if found.x is None:
            raise Impossible(f"{what}: {found.message}")
        return {
            name: count for name, count in zip(self.names, np.rint(found.x).astype(int).tolist(), strict=True) if count
        }
