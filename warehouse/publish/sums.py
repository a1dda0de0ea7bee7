"""What adds up among the counts that are printed: from which of them a reader can work out which others.

Within a metric groups add up to everyone and a numerator with its complement to the denominator; across measures and
metrics the rows of metric_relation.csv hold, and two counts that are the same in every group are one count by two
names: plans in force are the base of twenty measures, and hidden in one of them they are hidden in none. So are two
groups that are the same children in every measure: who has no need is without SEN.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from warehouse.publish.disclosure import Relation
from warehouse.publish.policy import DisclosureError
from warehouse.publish.register import Count, Group
from warehouse.specification import rows

# Two counts of a period that agree in so many groups of somebody, and differ in none, are taken for one.
ALIKE_FROM = 6
# By it two measures of the same children can differ: each has an age rule of its own.
OF_OWN_AGE = "age_band"


@dataclass(frozen=True)
class Sums:
    """Counts that add up. `cells` has each count once, under the first of its names; `name` leads every count to its
    cell; `printed` are the cells that have a name in a table: complements and what relations leave over have none.
    `not_held` names the relations, with the metric of the whole and the period, in which records contradict them."""

    cells: dict[Count, float]
    relations: list[Relation]
    name: dict[Count, Count]
    printed: set[Count]
    not_held: tuple[tuple[str, str, str], ...] = ()

    def of(self, counts: Iterable[Count]) -> set[Count]:
        """The cells of some counts."""
        return {self.name[count] for count in counts if count in self.name}

    @cached_property
    def touching(self) -> dict[Count, list[Relation]]:
        """The relations that each cell is in."""
        found: dict[Count, list[Relation]] = defaultdict(list)
        for relation in self.relations:
            for cell in relation.cells:
                found[cell].append(relation)
        return found

    def connected(self, start: set[Count]) -> set[Count]:
        """`start` and all cells that add up with it, directly or through others."""
        found, waiting = set(start), list(start)
        while waiting:
            for relation in self.touching[waiting.pop()]:
                new = [cell for cell in relation.cells if cell not in found]
                found.update(new)
                waiting += new
        return found

    def beside(self, start: Count, hidden: Collection[Count], dear: Collection[Count]) -> Count | None:
        """The next shown count of somebody that adds up with `start`, as few sums away as can be, the smallest of them;
        one that is `dear` only where there is no other at all."""
        found, edge, last = {start}, [start], None
        while edge:
            near = dict.fromkeys(
                cell for one in edge for relation in self.touching[one] for cell in relation.cells if cell not in found
            )
            found.update(near)
            shown = [cell for cell in near if cell in self.printed and cell not in hidden and self.cells[cell] > 0]
            if others := [cell for cell in shown if cell not in dear]:
                return min(others, key=lambda cell: self.cells[cell])
            if shown and last is None:
                last = min(shown, key=lambda cell: self.cells[cell])
            edge = list(near)
        return last


def add_up(counts: dict[Count, float]) -> Sums:
    """All that adds up among `counts`. What a relation leaves over is a count too, and is added to them.

    Raises DisclosureError where a sum does not hold: an audit of it would be worth nothing.
    """
    across, not_held = _across_metrics(counts)
    stated = [*across, *_within_groups(counts), *within_metrics(counts)]
    # Where a measure has a group that the other lacks, what is left over of the groups is not what is left over of all.
    stated = [one for one in stated if one.whole.kind != "rest" or holds(one, counts)]
    _refuse_unless_they_hold(stated, counts)
    name = _names(counts)
    relations: dict[tuple[Count, frozenset[Count]], Relation] = {}
    for relation in stated:
        whole, parts = name[relation.whole], tuple(name[part] for part in relation.parts)
        # A group that is its only part tells nothing; beside it the other parts are nobody.
        if whole not in parts:
            relations.setdefault((whole, frozenset(parts)), Relation(whole, parts))
    return Sums(
        cells={name[count]: size for count, size in counts.items()},
        relations=list(relations.values()),
        name=name,
        printed={name[count] for count in counts if count.kind in ("numerator", "denominator")},
        not_held=tuple(not_held),
    )


def alike(counts: Mapping[Count, float]) -> list[list[dict[tuple[str, str], Count]]]:
    """Series of counts (one kind of one variant in one period, by breakdown and group) that are the same in every group
    that they share, together, breakdown by breakdown: by age band they can differ and be one count all the same, for
    each measure has an age rule of its own."""
    series: dict[tuple[str, str, str, str], dict[tuple[str, str], Count]] = defaultdict(dict)
    for count in counts:
        group = count.group
        series[group.period_id, group.metric_id, group.variant, count.kind][group.breakdown, group.breakdown_value] = (
            count
        )
    candidates: dict[tuple[str, float], list[_Series]] = defaultdict(list)
    for (period_id, *_), members in series.items():
        everyone = members.get(("all", "all"))
        if everyone and counts[everyone] > 0:
            candidates[period_id, counts[everyone]].append(_Series(members, counts))
    together: list[list[dict[tuple[str, str], Count]]] = []
    for group in candidates.values():
        pairs = {
            frozenset((one, other)): group[one].agrees_by(group[other])
            for one, other in itertools.combinations(range(len(group)), 2)
        }
        for breakdown in dict.fromkeys(breakdown for one in group for breakdown in one.members):
            classes: list[list[int]] = []
            for one in (place for place, found in enumerate(group) if breakdown in found.members):
                home = next(
                    (found for found in classes if all(breakdown in pairs[frozenset((one, other))] for other in found)),
                    None,
                )
                if home is None:
                    classes.append([one])
                else:
                    home.append(one)
            together += [[group[one].members[breakdown] for one in found] for found in classes]
    return together


class _Series:
    """One series of counts by breakdown and group."""

    def __init__(self, members: Mapping[tuple[str, str], Count], counts: Mapping[Count, float]) -> None:
        self.members: dict[str, dict[tuple[str, str], Count]] = defaultdict(dict)
        for place, count in members.items():
            self.members[place[0]][place] = count
        self._sizes = {place: counts[count] for place, count in members.items()}

    def agrees_by(self, other: _Series) -> set[str]:
        """The breakdowns in which both are the same count; none where they differ by anything but age, or agree in too
        few groups of somebody."""
        shared = self._sizes.keys() & other._sizes.keys()
        differ = {place[0] for place in shared if self._sizes[place] != other._sizes[place]}
        agree = {place for place in shared if place[0] not in differ}
        if differ - {OF_OWN_AGE} or sum(self._sizes[place] > 0 for place in agree) < ALIKE_FROM:
            return set()
        return {breakdown for breakdown, _ in agree}


def _names(counts: Mapping[Count, float]) -> dict[Count, Count]:
    """Of every count the first of those that are the same."""
    name = {count: count for count in counts}

    def first_of(count: Count) -> Count:
        while name[count] != count:
            name[count] = name[name[count]]
            count = name[count]
        return count

    order = {count: place for place, count in enumerate(counts)}
    for one, other in itertools.chain(_same_by_name(counts), _same_elsewhere(counts), _same_groups(counts)):
        mine, others = sorted((first_of(one), first_of(other)), key=order.__getitem__)
        name[others] = mine
    return {count: first_of(count) for count in counts}


def _same_by_name(counts: Mapping[Count, float]) -> Iterator[tuple[Count, Count]]:
    for series in alike(counts):
        first: dict[tuple[str, str], Count] = {}
        for members in series:
            for place, count in members.items():
                yield count, first.setdefault(place, count)


def _same_groups(counts: Mapping[Count, float]) -> Iterator[tuple[Count, Count]]:
    """Counts of two groups, of two breakdowns, that are the same children in whatever is counted: homes outside the
    county by district and by deprivation. Found in the figures: equal in six counts of somebody, and different in none.
    """
    places: dict[tuple[str, str], dict[tuple, Count]] = defaultdict(dict)
    for count in counts:
        group = count.group
        if group.breakdown != "all":
            places[group.breakdown, group.breakdown_value][
                group.metric_id, group.variant, group.period_id, count.kind
            ] = count
    columns = {series: place for place, series in enumerate({one: None for found in places.values() for one in found})}
    sizes = np.full((len(places), len(columns)), np.nan)
    for row, found in enumerate(places.values()):
        for series, count in found.items():
            sizes[row, columns[series]] = counts[count]
    names = list(places)
    for one, mine in enumerate(sizes):
        differ = (sizes[one + 1 :] != mine) & ~np.isnan(sizes[one + 1 :]) & ~np.isnan(mine)
        agree = ((sizes[one + 1 :] == mine) & (mine > 0)).sum(axis=1)
        for other in np.flatnonzero(~differ.any(axis=1) & (agree >= ALIKE_FROM)) + one + 1:
            if names[one][0] != names[other][0]:
                for series in places[names[one]].keys() & places[names[other]].keys():
                    yield places[names[one]][series], places[names[other]][series]


def _same_elsewhere(counts: Mapping[Count, float]) -> list[tuple[Count, Count]]:
    """Rows of metric_same.csv that hold: the figure of everyone, and that of a group of another measure."""
    periods = {count.group.period_id for count in counts}
    found = []
    for row in rows("metric_same"):
        for period_id in sorted(periods):
            count = Count(Group(row["metric_id"], row["variant"], period_id, "all", "all"), row["field"])
            place = (row["of_metric_id"], row["of_variant"], period_id, row["breakdown"], row["breakdown_value"])
            other = Count(Group(*place), row["of_field"])
            if count in counts and other in counts and counts[count] == counts[other]:
                found.append((count, other))
    return found


def _across_metrics(counts: dict[Count, float]) -> tuple[list[Relation], list[tuple[str, str, str]]]:
    """The rows of metric_relation.csv in every group, each a whole that is the sum of its parts; and those, with metric
    and period, that records contradict.

    What a relation leaves over (role rest) is nobody's count, but it can be worked out: it is added to `counts`. Where
    less than nothing would be left over in a breakdown (a direct payment without a personal budget, a slip of a record;
    an age band, where each measure has its own age rule), a reader who goes by the relation is led astray, and it is
    left out there; where it is so of everyone, it is said. Raises DisclosureError where parts that should make up the
    whole do not: they were declared wrongly, and an audit would be worth nothing.
    """
    declared: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    groups: dict[tuple[str, str, str], list[Group]] = defaultdict(list)
    for row in rows("metric_relation"):
        declared[row["relation"]].append(row)
    for count in counts:
        groups[count.group.metric_id, count.group.variant, count.kind].append(count.group)
    broken_down = {(*key, group.period_id, group.breakdown) for key, members in groups.items() for group in members}
    found: list[Relation] = []
    not_held: list[tuple[str, str, str]] = []
    nothing_left: set[tuple[str, str, str]] = set()
    for relation, members in declared.items():
        whole = next(row for row in members if row["role"] == "whole")
        has_rest = any(row["role"] == "rest" for row in members)
        rests = [row["metric_id"] for row in members if row["role"] == "part" and row["field"] == "rest"]
        by_breakdown: dict[tuple[str, str], list[tuple[Count, list[Count], float]]] = defaultdict(list)
        for group in groups[whole["metric_id"], whole["variant"], whole["field"]]:
            parts, in_county = (
                [count for count in _named(members, place) if count in counts]
                for place in (
                    (group.period_id, group.breakdown, group.breakdown_value),
                    (group.period_id, "all", "all"),
                )
            )
            # A group of which a metric knows nobody has no row. All of the whole is then left over, and is a cell: or
            # what is left over of everyone would not be the sum of what is left over of the groups. Of a relation that
            # was left out nothing is left over for another.
            left_out = len(parts) < sum((of, group.period_id, group.breakdown) not in nothing_left for of in rests)
            if (not parts and not (has_rest and in_county)) or left_out:
                continue
            # A part may not be broken down so at all, though it is told of everyone.
            if any(
                (*key, group.period_id, "all") in broken_down
                and (*key, group.period_id, group.breakdown) not in broken_down
                for row in members
                if row["role"] == "part" and (key := (row["metric_id"], row["variant"], row["field"]))
            ):
                continue
            total = Count(group, whole["field"])
            rest = counts[total] - sum(counts[part] for part in parts)
            if rest and not has_rest:
                raise DisclosureError(
                    f"warehouse/spec/metrics/metric_relation.csv: {relation} does not hold in {group.period_id} by "
                    f"{group.breakdown}. Nothing was published. Correct the relation's rows."
                )
            by_breakdown[group.period_id, group.breakdown].append((total, parts, rest))
        for (period_id, breakdown), sums in by_breakdown.items():
            if any(rest < 0 for _, _, rest in sums):
                if breakdown == "all":
                    not_held.append((relation, whole["metric_id"], period_id))
                continue
            # Where nothing is left over of anybody, a reader who knows both goes by that.
            is_left_over = any(rest for _, _, rest in sums)
            if not is_left_over:
                nothing_left.add((relation, period_id, breakdown))
            for total, parts, rest in sums:
                if has_rest and is_left_over:
                    left_over = Count(replace(total.group, metric_id=relation, variant=""), "rest")
                    parts.append(left_over)
                    counts[left_over] = rest
                    groups[relation, "", "rest"].append(left_over.group)
                found.append(Relation(total, tuple(parts)))
    return found, not_held


def _named(members: Sequence[Mapping[str, str]], place: tuple[str, str, str]) -> list[Count]:
    """The parts that a relation names, in one group of one period."""
    return [
        Count(Group(row["metric_id"], row["variant"], *place), row["field"]) for row in members if row["role"] == "part"
    ]


def _within_groups(counts: dict[Count, float]) -> list[Relation]:
    """The rows of subgroup_within.csv in every series: a group, and what it leaves of another that it lies in, which is
    added to `counts`."""
    found = []
    for row in rows("subgroup_within"):
        inner = (row["subgroup_set"], row["subgroup_value"])
        outer = (row["within_set"], row["within_value"])
        for count in list(counts):
            group = count.group
            part = Count(replace(group, breakdown=inner[0], breakdown_value=inner[1]), count.kind)
            if (group.breakdown, group.breakdown_value) == outer and part in counts and counts[part] <= counts[count]:
                rest = Count(replace(group, breakdown=f"{outer[0]} without {inner[0]}"), f"rest of {count.kind}")
                counts[rest] = counts[count] - counts[part]
                found.append(Relation(count, (part, rest)))
    return found


def within_metrics(counts: Mapping[Count, float]) -> list[Relation]:
    """All that adds up in one metric: numerator and complement, groups to all, ethnicities to their group."""
    found: list[Relation] = []
    members: dict[tuple, list[Count]] = defaultdict(list)
    ethnic_group = {row["code"]: row["ethnicity_group"] for row in rows("code_ethnicity")}
    for cell in counts:
        group = cell.group
        series = (group.metric_id, group.variant, group.period_id, cell.kind)
        if group.breakdown != "all":
            members[series, "all", "all", group.breakdown].append(cell)
        if group.breakdown == "ethnicity":
            value = ethnic_group.get(group.breakdown_value, "unknown")
            members[series, "ethnicity_group", value, "ethnicity"].append(cell)
        if cell.kind == "denominator" and Count(group, "complement") in counts:
            found.append(Relation(cell, (Count(group, "numerator"), Count(group, "complement"))))
    for ((metric_id, variant, period_id, kind), whole_set, whole_value, _), parts in members.items():
        whole = Count(Group(metric_id, variant, period_id, whole_set, whole_value), kind)
        if whole in counts:
            found.append(Relation(whole, tuple(parts)))
    return found


def holds(relation: Relation, counts: Mapping[Count, float]) -> bool:
    return abs(counts[relation.whole] - sum(counts[part] for part in relation.parts)) <= 1e-6


def _refuse_unless_they_hold(relations: Sequence[Relation], counts: Mapping[Count, float]) -> None:
    """Bounds passed along a sum that does not hold never come to rest, and an audit of it would be worth nothing."""
    for relation in relations:
        if not holds(relation, counts):
            group = relation.whole.group
            raise DisclosureError(
                f"{group.metric_id} in {group.period_id}: {relation.whole.kind} by {relation.parts[0].group.breakdown} "
                f"does not add up to that of {group.breakdown}. Nothing was published. Report this as a fault: every "
                "child has to be in a group of each breakdown, unknown if need be."
            )
