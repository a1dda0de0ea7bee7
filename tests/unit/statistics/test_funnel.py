"""Funnels: published tables of limits and classes, exact tails, and dispersion by hand and by another package.

Tables: PHEindicatormethods, tests/testthat/testdata_funnel_*.csv (proportions, ratios, rates), a few rows of each.
Its limits of ratios are found by bisection to about 4e-5.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.meta_analysis import combine_effects

from warehouse.statistics import funnel
from warehouse.statistics.funnel import ALARM

CLOSE = {"rel": 1e-9}
Z95 = 1.959963984540054


@pytest.mark.parametrize(
    ("n", "low95", "high95", "low998", "high998"),
    [
        (1, 3.204264, 100, 0, 100),
        (20, 63.326743, 97.958152, 53.341156, 100),
        (50, 69.691035, 91.593861, 63.375595, 97.909301),
        (1_008, 78.203374, 83.081521, 76.796814, 84.488082),
        (110_000, 80.408963, 80.875933, 80.274317, 81.010578),
    ],
)
def test_limits_of_proportions_published(n: int, low95: float, high95: float, low998: float, high998: float) -> None:
    average = 0.80642448
    assert funnel.proportion_limits(n, average) == pytest.approx((low95 / 100, high95 / 100), abs=1e-8)
    assert funnel.proportion_limits(n, average, ALARM) == pytest.approx((low998 / 100, high998 / 100), abs=1e-8)


def test_classes_of_proportions_published() -> None:
    units = {
        (35078.488, 41_980): "high 99.8%",
        (24803.6256, 31_824): "low 99.8%",
        (50050.7443, 61_921): "inside",
        (26789.238, 33_012): "high 95%",
        (36850.0492, 45_449): "high 95%",
        (30277.5312, 37_828): "low 95%",
        (24866.916, 30_929): "inside",
        (21139.2936, 25_992): "high 95%",
    }
    x, n = np.array(list(units)).T
    assert funnel.proportion_class(x, n, 0.80642448).tolist() == list(units.values())


# Observed; then expected and ratio at the lower and upper 95%, and at the lower and upper 99.8% edge.
RATIOS = [
    (1, 5.571644585, 17.94802207, 0.025317898, 3949.774946, 9.233410143, 10.83023482, 0.001000547, 99945.32721),
    (9, 17.08479966, 52.67840524, 4.11537405, 218.6921502, 22.65737951, 39.72215762, 2.452425215, 366.9836676),
    (58, 74.9784561, 77.35555387, 44.04182619, 131.6929951, 85.60854299, 67.75024778, 37.27915765, 155.5829146),
    (716, 770.4222128, 92.93605352, 664.5083011, 107.7488421, 802.60414, 89.20960712, 636.1521174, 112.5516964),
]


@pytest.mark.parametrize("row", RATIOS)
def test_curve_of_ratios_published(row: tuple[float, ...]) -> None:
    observed, *edges = row
    made = [*funnel.ratio_curve(observed, multiplier=100), *funnel.ratio_curve(observed, ALARM, multiplier=100)]
    assert made == pytest.approx(edges, rel=1e-4)


def test_curve_of_ratios_is_exact() -> None:
    observed = np.arange(1, 60)
    made = funnel.ratio_curve(observed)
    np.testing.assert_allclose(stats.poisson.cdf(observed, made.lower_expected), 0.025, rtol=1e-9)
    np.testing.assert_allclose(stats.poisson.sf(observed - 1, made.upper_expected), 0.025, rtol=1e-9)


def test_curve_of_rates_published() -> None:
    """Three years of data, average 116.1720835 per 100,000."""
    made = funnel.rate_curve([1, 49, 1_360], 116.1720835, multiplier=100_000, years=3)
    assert made.lower_expected == pytest.approx([1598.675694, 18587.54012, 411529.9259], rel=1e-5)
    assert made.lower_ratio == pytest.approx([20.85059119, 87.87248461, 110.158048], rel=1e-5)
    assert made.upper_expected == pytest.approx([7.264481402, 10401.37233, 369759.5622], rel=1e-4)
    assert made.upper_ratio == pytest.approx([4588.535848, 157.0305612, 122.6021934], rel=1e-4)


def test_classes_of_ratios_by_garwood_and_byar() -> None:
    """9 events: exact limits 4.115 and 17.085 (95%), 2.452 and 22.657 (99.8%). 10 events: Byar's 4.7874 where the
    exact limit would be 4.7954; nothing expected has no class.
    """
    expected = [4.10, 4.12, 17.08, 17.09, 22.66, 2.45]
    assert funnel.ratio_class(9, expected).tolist() == [
        "high 95%",
        "inside",
        "inside",
        "low 95%",
        "low 99.8%",
        "high 99.8%",
    ]
    assert funnel.ratio_class([10, 10, 0, 3], [4.79, 4.78, 3.7, 0]).tolist() == ["inside", "high 95%", "low 95%", ""]
    assert funnel.ratio_class(3, [0.62, 0.61, 0.19]).tolist() == ["inside", "high 95%", "high 99.8%"]


def test_classes_of_rates_need_ten_events_when_standardised() -> None:
    """9 in 1,000 against 17.09 expected is low; of a standardised rate nothing is said below ten."""
    assert funnel.rate_class(9, 1_000, 0.01709) == "low 95%"
    assert funnel.rate_class(9, 1_000, 0.01709, standardised=True) == ""
    assert funnel.rate_class([0, 20], [0, 1_000], 0.02).tolist() == ["", "inside"]


def test_on_the_limit_is_inside() -> None:
    """Around 0 or 1 a proportion has no width: a unit that has none, or all, lies on both limits."""
    assert funnel.proportion_class([0, 5], [5, 5], 0.0).tolist() == ["inside", "high 99.8%"]
    assert funnel.proportion_class([0, 5], [5, 5], 1.0).tolist() == ["low 99.8%", "inside"]


def test_without_an_average_it_is_that_of_all() -> None:
    x, n = np.array([30, 10, 200]), np.array([100, 100, 800])
    assert funnel.proportion_class(x, n).tolist() == funnel.proportion_class(x, n, 0.24).tolist()
    assert funnel.rate_class(x, n).tolist() == funnel.rate_class(x, n, 0.24).tolist()
    assert funnel.proportion_class(x, n)[1] == "low 99.8%"


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_limits_enclose_and_mirror(n: int, average: float) -> None:
    warning, alarm = (funnel.proportion_limits(n, average, level) for level in (0.95, ALARM))
    assert 0 <= alarm.lower <= warning.lower <= average <= warning.upper <= alarm.upper <= 1
    mirrored = funnel.proportion_limits(n, 1 - average)
    assert (1 - mirrored.upper, 1 - mirrored.lower) == pytest.approx(tuple(warning), abs=1e-9)


def test_alarms_by_chance_are_what_the_limits_promise() -> None:
    """40,000 units that differ by chance alone, at least 600 people each: 5% beyond the 95% limits, 0.2% beyond
    99.8%.
    """
    random = np.random.default_rng(5)
    n = random.integers(600, 5_000, size=40_000)
    classes = funnel.proportion_class(random.binomial(n, 0.3), n, 0.3)
    beyond = np.char.endswith(classes, "%").mean()
    far = np.char.endswith(classes, "99.8%").mean()
    assert beyond == pytest.approx(0.05, abs=0.004)
    assert far == pytest.approx(0.002, abs=0.0008)


def test_winsorised_dispersion_by_hand() -> None:
    """21 units with 100 expected and z of -10 … 10 on the root scale (error 0.05). A tenth at each end pulled in to
    -+8: 2 (1 + 4 + … + 49 + 3 x 64) = 664. phi 664 / 21; weights 400 each, so tau2 (664 - 20) / (8,400 - 400).
    """
    observed = 100 * (1 + 0.05 * np.arange(-10, 11)) ** 2
    made = funnel.dispersion(observed, np.full(21, 100), "ratio_root")
    assert made == pytest.approx((664 / 21, 0.0805, 21, True), **CLOSE)


def test_truncated_dispersion_by_hand() -> None:
    """30 units with z of -14.5 … 14.5 on the log scale: the first three and the last three go, 24 stay (as the
    reference says of FunnelPlotR). Twice 0.5^2 + 1.5^2 + … + 11.5^2 is 1150.
    """
    z = np.arange(30) - 14.5
    observed = 400 * np.exp(z / 20)
    made = funnel.dispersion(observed, np.full(30, 400), "ratio_log")
    assert made == pytest.approx((1150 / 24, (1150 - 23) / (24 * 400 - 400), 24, True), **CLOSE)


def test_truncation_on_its_own_edges() -> None:
    """Of 29 the third is just on the tenth and stays, the 27th just on the nine tenths and goes: 3 to 26 are left."""
    observed = 400 * np.exp((np.arange(29) - 14) / 20)
    made = funnel.dispersion(observed, np.full(29, 400), "ratio_log")
    assert made.units == 24
    assert made.phi == pytest.approx(sum(z**2 for z in range(-12, 12)) / 24, **CLOSE)


@pytest.mark.parametrize("method", ["proportion", "ratio_log", "ratio_root"])
def test_untrimmed_dispersion_is_dersimonian_and_lairds(method: funnel.Method) -> None:
    """Units come in mirrored pairs, so that the weighted mean is the centre, around which statsmodels measures."""
    size = np.repeat(np.linspace(80, 900, 12), 2)
    away = np.linspace(0.02, 0.3, 12).repeat(2) * np.tile([1, -1], 12)
    if method == "proportion":
        value, error = math.pi / 4 + away, 0.5 / np.sqrt(size)
        numerator = size * np.sin(value) ** 2
    elif method == "ratio_log":
        value, error = away, 1 / np.sqrt(size)
        numerator = size * np.exp(value)
    else:
        value, error = 1 + away, 0.5 / np.sqrt(size)
        numerator = size * value**2
    made = funnel.dispersion(numerator, size, method, trim=0)
    assert made.tau2 == pytest.approx(combine_effects(value, error**2, method_re="chi2").tau2, **CLOSE)
    assert made.tau2 > 0


def test_ten_districts_are_not_adjusted() -> None:
    observed = 100 * (1 + 0.05 * np.linspace(-10, 10, 19)) ** 2
    made = funnel.dispersion(observed, np.full(19, 100), "ratio_root")
    assert (made.tau2, made.is_adjusted) == (0.0, False)
    assert made.phi > 10
    assert funnel.dispersion([90, 110], [100, 100], "ratio_root", trim=0).units == 2
    calm = funnel.dispersion(np.full(20, 100.0), np.full(20, 100), "ratio_root")
    assert (calm.tau2, calm.is_adjusted) == (0.0, True)


def test_widened_limits_by_hand() -> None:
    """Log: exp(-+1.96 sqrt(0.01 + 0.03)). Root: (1 -+ 1.96 sqrt(0.0025 + 0.0075))^2. Arcsine around a half:
    sin^2(45 degrees -+ 1.96 sqrt(0.0025 + 0.0075))."""
    assert funnel.dispersed_limits(100, 0.03, "ratio_log") == pytest.approx(
        (math.exp(-Z95 * 0.2), math.exp(Z95 * 0.2)), **CLOSE
    )
    assert funnel.dispersed_limits(100, 0.0075, "ratio_root") == pytest.approx(
        ((1 - Z95 * 0.1) ** 2, (1 + Z95 * 0.1) ** 2), **CLOSE
    )
    assert funnel.dispersed_limits(100, 0.0075, "proportion", 0.5) == pytest.approx(
        (math.sin(math.pi / 4 - Z95 * 0.1) ** 2, math.sin(math.pi / 4 + Z95 * 0.1) ** 2), **CLOSE
    )
    assert funnel.dispersed_limits(1, 0, "ratio_root", confidence=ALARM).lower == 0
    assert funnel.dispersed_limits(1, 0, "proportion", 0.9).upper == 1
    assert np.isnan(funnel.dispersed_limits(0, 0.1, "ratio_log")).all()
