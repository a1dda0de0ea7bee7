"""Shrinkage: values of PySAL, and what any shrinkage must do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.statistics import smallarea

areas = st.lists(st.tuples(st.integers(0, 60), st.integers(60, 4_000)), min_size=2, max_size=30).filter(
    lambda rows: any(events for events, _ in rows)
)


def test_against_pysal() -> None:
    """Worked out once with esda 2.9.0, Empirical_Bayes, on the same six areas."""
    made = smallarea.empirical_bayes([4, 30, 14, 31, 2, 25], [310, 1200, 260, 2000, 150, 905])
    assert made.shrunk == pytest.approx(
        [
            0.01778761219539291,
            0.02429734402954553,
            0.03529109285021383,
            0.01649171864240123,
            0.019439582585927095,
            0.026008077998715674,
        ],
        rel=1e-9,
    )


def test_by_hand() -> None:
    """10 and 90 of 100 each: overall 0.5, spread 0.16, less 0.5 / 100 is 0.155; weight 0.155 / 0.16."""
    made = smallarea.empirical_bayes([10, 90], [100, 100])
    assert (made.overall, made.variance) == pytest.approx((0.5, 0.155))
    assert made.weight == pytest.approx([0.96875, 0.96875])
    assert made.shrunk == pytest.approx([0.1125, 0.8875])


def test_no_real_variation_gives_everybody_the_same() -> None:
    made = smallarea.empirical_bayes([10, 11, 9, 13], [100, 100, 100, 100])
    assert made.variance == 0
    assert made.shrunk == pytest.approx([43 / 400] * 4)


@given(areas)
def test_shrunk_lies_between_the_own_and_the_overall_rate(rows: list[tuple[int, int]]) -> None:
    events, population = np.array(rows).T
    made = smallarea.empirical_bayes(events, population)
    low, high = np.minimum(made.raw, made.overall), np.maximum(made.raw, made.overall)
    assert ((low - 1e-12 <= made.shrunk) & (made.shrunk <= high + 1e-12)).all()
    by_size = np.argsort(population, kind="stable")
    assert (np.diff(made.weight[by_size]) >= -1e-12).all(), "a larger area keeps more of its own rate"


def test_unreliable_by_hand() -> None:
    """60% of 0.5 is 0.3: a width of 0.29 is shown as it is, 0.31 with u, and 9 events always with u."""
    made = smallarea.is_unreliable([0.5, 0.5, 0.5, np.nan], [0.4] * 4, [0.69, 0.71, 0.45, 0.5], [50, 50, 9, 3])
    assert made.tolist() == [False, True, True, False]
