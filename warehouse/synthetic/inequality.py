"""The planted inequalities: rows of `planted_inequality.csv`, and what each does to a draw."""

from __future__ import annotations

from warehouse import specification


def strength(metric_id: str, subgroup_set: str, subgroup_value: str) -> float | None:
    """How strongly a metric is planted for a group; None where nothing is planted."""
    for row in specification.rows("planted_inequality"):
        if (row["metric_id"], row["subgroup_set"], row["subgroup_value"]) == (metric_id, subgroup_set, subgroup_value):
            return float(row["strength"])
    return None


def planted(metric_id: str, subgroup_set: str) -> dict[str, float]:
    """Group to strength of one metric and set of groups."""
    return {
        row["subgroup_value"]: float(row["strength"])
        for row in specification.rows("planted_inequality")
        if (row["metric_id"], row["subgroup_set"]) == (metric_id, subgroup_set)
    }


def district_number(code: str) -> int:
    """The number of a district from its code."""
    return int(code[-3:])


def balanced(overall: float, shares: dict[int, float], fixed: dict[int, float]) -> dict[int, float]:
    """Rates by district such that the planted ones hold and the whole county still has the overall rate.

    shares: each district's part of the events, adding to 1. fixed: the planted rates.
    """
    taken = sum(shares.get(number, 0.0) * rate for number, rate in fixed.items())
    rest = sum(part for number, part in shares.items() if number not in fixed)
    other = min(0.98, max(0.005, (overall - taken) / rest)) if rest else overall
    return {number: fixed.get(number, other) for number in shares}


def apart(
    shares: dict[str, float], within: set[str], ratio: float, part: float
) -> tuple[dict[str, float], dict[str, float]]:
    """Shares of categories for a group and for everybody else, such that the group is `ratio` times as often `within`
    some categories as the others are, and all together still have `shares`. part: the group's share of all.

    Raises ValueError where the group would be within them more than always.
    """
    total = sum(shares.values())
    inside = sum(share for category, share in shares.items() if category in within) / total
    others = 1 / (1 + part * (ratio - 1))
    if inside * others * max(ratio, 1) >= 1:
        raise ValueError(f"{sorted(within)} hold {inside:.0%} of all: nobody can be there {ratio} times as often.")

    def with_times(times: float) -> dict[str, float]:
        outside = (1 - inside * times) / (1 - inside)
        return {
            category: share / total * (times if category in within else outside) for category, share in shares.items()
        }

    return with_times(others * ratio), with_times(others)
