"""The layers over a metric, from rows such as those of fct_metric."""

from __future__ import annotations

import pyarrow as pa
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep

from warehouse import equity

MONTHLY = pa.table({name: pa.array([], pa.string()) for name in ("metric_id", "measure", "period_id", "polarity")})
ACCESS = pa.table({name: pa.array([], pa.string()) for name in ("period_id", "lsoa21_code", "children")})
DISTRICTS = pa.table({name: pa.array([], pa.string()) for name in ("area_level", "area_code", "district_code")})


def layers(*counts: tuple[int, int]) -> dict[str, dict]:
    """Statistic to row, of districts with so many events among so many."""
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
            "value": x / n,
        }
        for number, (x, n) in enumerate(counts)
    ]
    made = equity.layers(pa.Table.from_pylist(rows), MONTHLY, DISTRICTS, ACCESS).to_pylist()
    return {row["statistic"]: row for row in made if row["area_code"] is None}


def test_limits_of_a_gap_allow_for_the_choice_among_all_pairs() -> None:
    """Three districts make three pairs: 1 - 0.05 / 3. Of 19 children says nothing."""
    gap = layers((40, 80), (30, 80), (20, 80), (19, 19))["gap"]
    lower, upper = confint_proportions_2indep(40, 80, 20, 80, compare="diff", method="newcomb", alpha=0.05 / 3)
    assert gap["value"] == pytest.approx(25.0)
    assert (gap["lower"], gap["upper"]) == pytest.approx((100 * lower, 100 * upper), rel=1e-9)
    assert gap["note"] == "Of 3 districts with 20 or more in the base"


def test_a_gap_of_two_districts_is_no_layer() -> None:
    assert "gap" not in layers((40, 80), (30, 80), (19, 19))
