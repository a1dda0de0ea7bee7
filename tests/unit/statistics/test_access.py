"""Distances and catchments: by hand, by another formula, and values of PySAL."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.statistics import access
from warehouse.statistics.access import EARTH_RADIUS_KM

CLOSE = {"rel": 1e-9}
PLACES, CHILDREN = [12, 20, 6], [40, 60, 25, 75]
# Homes a to d against sites p to r, in kilometres. b is exactly 6 from r, and exactly 2 from q.
DISTANCE = [[1, 5, 9.5], [3, 2, 6], [7, 4.5, 3], [12, 8, 0.5]]
points = st.tuples(st.floats(49.9, 55.8), st.floats(-6.4, 1.8))


def test_haversine_by_hand() -> None:
    """A quarter of a meridian; a degree along the equator; half way round; the same place."""
    assert access.haversine(0, 0, 90, 0) == pytest.approx(EARTH_RADIUS_KM * math.pi / 2, **CLOSE)
    assert access.haversine(0, 10, 0, 11) == pytest.approx(EARTH_RADIUS_KM * math.pi / 180, **CLOSE)
    assert access.haversine(0, 0, 0, 180) == pytest.approx(EARTH_RADIUS_KM * math.pi, **CLOSE)
    assert access.haversine(51.8, -0.2, 51.8, -0.2) == 0
    assert np.isnan(access.haversine([51.8, np.nan], -0.2, 51.8, -0.2)).tolist() == [False, True]


@given(points, points)
def test_haversine_is_the_angle_between(one: tuple[float, float], other: tuple[float, float]) -> None:
    """By vectors: the angle is atan2 of the lengths of cross and dot product."""

    def vector(point: tuple[float, float]) -> np.ndarray:
        latitude, longitude = map(math.radians, point)
        return np.array(
            [
                math.cos(latitude) * math.cos(longitude),
                math.cos(latitude) * math.sin(longitude),
                math.sin(latitude),
            ]
        )

    a, b = vector(one), vector(other)
    wanted = EARTH_RADIUS_KM * math.atan2(np.linalg.norm(np.cross(a, b)), a @ b)
    assert access.haversine(*one, *other) == pytest.approx(wanted, rel=1e-9, abs=1e-8)
    assert access.haversine(*other, *one) == pytest.approx(access.haversine(*one, *other), **CLOSE)


def test_grid_distance_by_hand() -> None:
    """3 km east and 4 km north is 5; a missing point has no distance."""
    assert access.grid_distance(530_000, 200_000, 533_000, 204_000) == 5
    assert np.isnan(access.grid_distance(np.nan, 200_000, 533_000, 204_000))


def test_coverage_holds_its_boundary() -> None:
    """Within 2 km: a (1), b (exactly 2), d (0.5): 175 of 200. Just under 2: 115."""
    assert access.coverage(CHILDREN, DISTANCE, 2) == 0.875
    assert access.coverage(CHILDREN, DISTANCE, 1.999) == 0.575
    assert math.isnan(access.coverage([0], [[1.0]], 2))


def test_two_step_by_hand() -> None:
    """Within 6 km p has a and b (12 / 100), q a, b and c (20 / 125), r b (on the boundary), c and d (6 / 160).
    PySAL (access 1.1) gives the same four: 0.28, 0.3175, 0.1975, 0.0375.
    """
    made = access.two_step(PLACES, CHILDREN, DISTANCE, 6)
    assert made.ratio == pytest.approx([0.12, 0.16, 0.0375], **CLOSE)
    assert made.access == pytest.approx([0.28, 0.3175, 0.1975, 0.0375], **CLOSE)
    assert access.two_step(PLACES, CHILDREN, DISTANCE, 5.999).ratio[2] == pytest.approx(6 / 100, **CLOSE)


def test_enhanced_two_step_against_pysal() -> None:
    """Worked out once with PySAL's access 1.1: two_stage_fca with step weights 1, 0.68, 0.22 to 2, 5 and 10 km."""
    made = access.enhanced_two_step(PLACES, CHILDREN, DISTANCE, (2, 5, 10))
    assert made.access == pytest.approx(
        [0.2633048298941665, 0.2718329120261102, 0.1790564917835365, 0.08908559717437753], **CLOSE
    )
    assert made.ratio[0] == pytest.approx(12 / (40 + 0.68 * 60 + 0.22 * 25), **CLOSE)


@given(
    st.lists(st.integers(0, 60), min_size=3, max_size=3),
    st.lists(st.integers(0, 90), min_size=4, max_size=4),
    st.lists(st.floats(0, 14), min_size=12, max_size=12),
)
def test_no_place_is_lost(places: list[int], children: list[int], distance: list[float]) -> None:
    made = access.enhanced_two_step(places, children, np.reshape(distance, (4, 3)), (2, 5, 10))
    reached = np.array(places)[~np.isnan(made.ratio)].sum()
    assert np.array(children) @ made.access == pytest.approx(reached, rel=1e-9, abs=1e-9)
    assert (made.access >= 0).all()


def test_a_site_that_no_child_reaches_has_no_ratio_and_spoils_nothing() -> None:
    made = access.two_step([10, 8], [5], [[1.0, 30.0]], 6)
    assert made.ratio.tolist() == pytest.approx([2.0, np.nan], nan_ok=True)
    assert made.access.tolist() == [2.0]


def test_edge_effect_by_hand() -> None:
    """Site r and home d are the neighbour's. Alone within 6 km: p 12 / 100, q 20 / 125, so a 0.28, b 0.28, c 0.16;
    with the neighbour b and c gain r's 6 / 160, not the 6 / 85 that forgetting d would give them.
    """
    made = access.edge_effect(
        PLACES, CHILDREN, DISTANCE, (6,), np.array([True, True, False]), np.array([True, True, True, False]), (1.0,)
    )
    assert made.alone == pytest.approx([0.28, 0.28, 0.16], **CLOSE)
    assert made.whole == pytest.approx([0.28, 0.3175, 0.1975], **CLOSE)
