"""The layers over a metric, from rows such as those of fct_metric."""

from __future__ import annotations

import pyarrow as pa
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep

from warehouse import equity

MONTHLY = pa.table({name: pa.array([], pa.string()) for name in ("metric_id", "measure", "period_id", "polarity")})
ACCESS = pa.table({name: pa.array([], pa.string()) for name in ("period_id", "lsoa21_code", "children")})
DISTRICTS = pa.table({name: pa.array([], pa.string()) for name in ("area_level", "area_code", "district_code")})


def layers(*counts: tuple[int, int], worth: float | None = None) -> dict[str, dict]:
    """Statistic to row, of districts with so many events among so many; sums that are worth so many children."""
    made = equity.layers(table(*counts, worth=worth), MONTHLY, DISTRICTS, ACCESS).to_pylist()
    return {row["statistic"]: row for row in made if row["area_code"] is None}


def table(*counts: tuple[int, int], worth: float | None = None) -> pa.Table:
    rows = [
        {
            "metric_id": "TM05",
            "measure": "share",
            "period_id": "2026",
            "breakdown": "district",
            "group_value": f"E0799900{number}",
            "kind": "proportion",
            "multiplier": 1.0,
            "numerator": float(x),
            "denominator": float(n),
            "size": worth or float(n),
            "is_of_sums": worth is not None,
            "value": x / n,
        }
        for number, (x, n) in enumerate(counts)
    ]
    return pa.Table.from_pylist(rows)


def test_limits_of_a_gap_allow_for_the_choice_among_all_pairs() -> None:
    """Three districts make three pairs: 1 - 0.05 / 3. Of 19 children says nothing."""
    gap = layers((40, 80), (30, 80), (20, 80), (19, 19))["gap"]
    lower, upper = confint_proportions_2indep(40, 80, 20, 80, compare="diff", method="newcomb", alpha=0.05 / 3)
    assert gap["value"] == pytest.approx(25.0)
    assert (gap["lower"], gap["upper"]) == pytest.approx((100 * lower, 100 * upper), rel=1e-9)
    assert gap["note"] == "Of 3 districts with 20 or more in the base"


def test_a_gap_of_two_districts_is_no_layer() -> None:
    assert "gap" not in layers((40, 80), (30, 80), (19, 19))


def test_sums_over_children_are_on_a_funnel_of_as_many_as_they_are_worth() -> None:
    """10, 20 and 30 of 100 sessions. Of ten children each: 0.2 less and more 1.96 sqrt(0.16 / 10) = 0.2479, all within;
    were each session a child, 1.96 sqrt(0.16 / 100) = 0.0784 would leave two of three outside."""
    sums, sides = ((10, 100), (20, 100), (30, 100)), {}
    for worth in (10.0, None):
        made = equity.layers(table(*sums, worth=worth), MONTHLY, DISTRICTS, ACCESS).to_pylist()
        funnel = [row for row in made if row["statistic"] == "funnel_95"]
        sides[worth] = [row["value"] for row in funnel]
        width = 1.959964 * (0.16 / (worth or 100)) ** 0.5
        assert [(row["lower"], row["upper"]) for row in funnel] == [
            pytest.approx((max(0.2 - width, 0), 0.2 + width), abs=1e-6)
        ] * 3
    assert sides == {10.0: [0, 0, 0], None: [-1, 0, 1]}


def test_sums_have_no_gini() -> None:
    """Their size is not a number of children to weigh by."""
    sums = ((10, 100), (20, 100), (30, 100))
    assert "gini" in layers(*sums)
    assert "gini" not in layers(*sums, worth=30.0)
    assert "gap" in layers(*sums, worth=30.0)


@pytest.mark.parametrize(
    ("target", "months", "polarity", "said"),
    [
        (1.0, 12, "high", "fail"),
        (0.5, 12, "high", "hit and miss"),
        (0.1, 12, "high", "pass"),
        (0.1, 12, "low", "fail"),
        (0.1, 12, "none", None),
        (1.0, 11, "high", "no chart"),
        (None, 12, "high", "no target"),
    ],
)
def test_limits_of_the_months_say_whether_the_target_will_be_met(
    target: float | None, months: int, polarity: str, said: str | None
) -> None:
    """Months of 40% and 50% in turn: mean 45%, every range 10, so limits 26.6 points away: 18.4% and 71.6%."""
    monthly = [
        {
            "metric_id": "TM05",
            "measure": "share",
            "period_id": f"2026-{month + 1:02}",
            "value": 0.4 + 0.1 * (month % 2),
            "size": 50.0,
            "polarity": polarity,
            "target": target,
        }
        for month in range(months)
    ]
    made = equity.layers(table((40, 80)), pa.Table.from_pylist(monthly), DISTRICTS, ACCESS).to_pylist()
    charted = [row for row in made if row["statistic"] == "xmr"]
    assured = [row for row in made if row["statistic"] == "xmr_assurance"]
    assert len(charted) == (months if months >= 12 else 0)
    assert len(assured) == (1 if said in ("pass", "fail", "hit and miss", None) else 0)
    for row in assured:
        assert (row["lower"], row["upper"]) == pytest.approx((0.184, 0.716))
        assert (row["period_id"], row["value"], row["note"]) == ("2026-12", target, said)
