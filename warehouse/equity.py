"""Inequality laid over any metric: gradients, funnels, gaps, shrunken areas, trends; from the rows of fct_metric.

Called by the dbt model `int_equity__layer`. It reads aggregates only and is deterministic: draws have a fixed seed, and
rows come in an order of their own. What is said of which metric is in docs/statistics.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from warehouse.statistics import compare, funnel, gradient, inequality, smallarea, spc

# Groups from the most to the least deprived; unknown and outside have no place in the order.
DEPRIVATION = ("idaci_quintile", "idaci_decile_county", "imd_decile_county", "idaci_decile", "imd_decile")
NOWHERE = ("unknown", "outside")
DRAWS, SEED = 10_000, 2026
# Fewer areas, or fewer children in one of them, say nothing about a gap.
FEWEST_AREAS, FEWEST_CHILDREN = 3, 20
# Fewer months draw no limits that hold.
FEWEST_MONTHS = 12
BETTER = {"high": "increase", "low": "decrease", "none": "neutral"}

SCHEMA = pa.schema(
    [
        ("indicator_id", pa.string()),
        ("metric_id", pa.string()),
        ("measure", pa.string()),
        ("period_id", pa.string()),
        ("breakdown", pa.string()),
        ("area_code", pa.string()),
        ("statistic", pa.string()),
        ("value", pa.float64()),
        ("lower", pa.float64()),
        ("upper", pa.float64()),
        ("area_count", pa.int64()),
        ("note", pa.string()),
    ]
)

Row = dict[str, Any]


def layers(metric: pa.Table, monthly: pa.Table, district_of: pa.Table, access: pa.Table) -> pa.Table:
    """Every layer over every proportion and rate, and control limits of those that are counted by month.

    `metric` has the columns of equity__layer_input, of one-dimensional rows; `size` is how many children chance is
    reckoned with: the denominator, but of a ratio of sums (`is_of_sums`) what its spread is worth. `monthly` has those
    of whole months and the whole county, in order of time, with the metric's polarity and target; `district_of` has
    area_level, area_code and district_code of the areas inside districts; `access` is equity__access of one need at a
    time.
    Returns SCHEMA: one row per metric, measure, period, breakdown, area (null for a figure about the whole breakdown)
    and statistic. Values have the unit of fct_metric; a proportion's slope and gaps are in percentage points.
    """
    series: dict[tuple[str, ...], dict[str, list[Row]]] = {}
    for row in metric.to_pylist():
        key = (row["metric_id"], row["measure"], row["period_id"])
        series.setdefault(key, {}).setdefault(row["breakdown"], []).append(row)
    districts = {(row["area_level"], row["area_code"]): row["district_code"] for row in district_of.to_pylist()}
    made: list[Row] = []
    for key in sorted(series):
        names = dict(zip(("metric_id", "measure", "period_id"), key, strict=True))
        for breakdown, rows in sorted(series[key].items()):
            known = sorted(
                (row for row in rows if row["group_value"] not in NOWHERE and row["size"]),
                key=lambda row: (len(row["group_value"]), row["group_value"]),
            )
            if len(known) >= FEWEST_AREAS:
                for found in _of_breakdown(breakdown, known, districts):
                    made.append({"area_code": None, "lower": None, "upper": None, "note": None, **names, **found})
    made.extend(_trends(monthly))
    made.extend(_access(access))
    return pa.Table.from_pylist(made, schema=SCHEMA)


def _trends(monthly: pa.Table) -> Iterator[Row]:
    """XmR charts by month, and what their limits say of the target; a month with too small a base would swing by
    chance, so such a series has none."""
    series: dict[tuple[str, str], list[Row]] = {}
    for row in monthly.to_pylist():
        series.setdefault((row["metric_id"], row["measure"]), []).append(row)
    for (metric_id, measure), rows in sorted(series.items()):
        if len(rows) < FEWEST_MONTHS or any(row["size"] < FEWEST_CHILDREN or row["value"] is None for row in rows):
            continue
        chart = spc.xmr([row["value"] for row in rows], BETTER[rows[0]["polarity"]])
        for place, row in enumerate(rows):
            yield {
                "indicator_id": None,
                "metric_id": metric_id,
                "measure": measure,
                "period_id": row["period_id"],
                "breakdown": "month",
                "area_code": None,
                "statistic": "xmr",
                "value": float(chart.mean[place]),
                "lower": float(chart.lower[place]),
                "upper": float(chart.upper[place]),
                "area_count": len(rows),
                "note": str(chart.variation[place]),
            }
        target = rows[-1]["target"]
        if target is not None:
            lower, upper = float(chart.lower[-1]), float(chart.upper[-1])
            word = spc.assurance(lower, upper, target, BETTER[rows[-1]["polarity"]])
            yield {
                "indicator_id": None,
                "metric_id": metric_id,
                "measure": measure,
                "period_id": rows[-1]["period_id"],
                "breakdown": "month",
                "area_code": None,
                "statistic": "xmr_assurance",
                "value": target,
                "lower": lower,
                "upper": upper,
                "area_count": len(rows),
                "note": word or None,
            }


def _access(access: pa.Table) -> Iterator[Row]:
    """EQ07: Gini of places per child within reach, over the children by the small area they live in."""
    areas: dict[str, dict[str, list[Row]]] = {}
    for row in access.to_pylist():
        areas.setdefault(row["period_id"], {}).setdefault(row["lsoa21_code"], []).append(row)
    for period_id, found in sorted(areas.items()):
        if len(found) < FEWEST_AREAS:
            continue
        children = [sum(row["children"] for row in rows) for _, rows in sorted(found.items())]
        places = [sum(row["children"] * row["places_per_child"] for row in rows) for _, rows in sorted(found.items())]
        value = float(inequality.gini(np.array(places) / np.array(children), children))
        yield {
            "indicator_id": "EQ07",
            "metric_id": "PL09",
            "measure": "mean_places",
            "period_id": period_id,
            "breakdown": "lsoa",
            "area_code": None,
            "statistic": "gini",
            "value": value if np.isfinite(value) else None,
            "lower": None,
            "upper": None,
            "area_count": len(found),
            "note": "Of an index that is no count of events: there is no band of chance",
        }


def _of_breakdown(breakdown: str, rows: list[Row], districts: dict[tuple[str, str], str]) -> Iterator[Row]:
    kind = rows[0]["kind"]
    numerator = np.array([row["numerator"] for row in rows])
    denominator = np.array([row["denominator"] for row in rows])
    common = {"breakdown": breakdown, "area_count": len(rows)}
    if breakdown in DEPRIVATION:
        yield from ({**common, **found} for found in _gradient(rows, kind, denominator))
        return
    if not numerator.any():
        return
    # Sessions of one child hang together: chance is that of as many children as the spread between them is worth.
    base = np.array([row["size"] for row in rows])
    events = numerator / denominator * base if rows[0]["is_of_sums"] else numerator
    average = float(numerator.sum() / denominator.sum())
    yield from ({**common, **found} for found in _funnel(rows, kind, events, base, average))
    yield from ({**common, **found} for found in _shrunk(rows, events, base))
    if breakdown == "district":
        yield from ({**common, **found} for found in _gap(rows, kind, events, base))
    # A size that is not a number of children has no share of them to weigh by.
    if rows[0]["is_of_sums"]:
        return
    if breakdown == "district":
        yield from ({**common, **found} for found in _spread(rows, kind, events, base))
    elif breakdown == "ward":
        yield from ({**common, **found} for found in _between(rows, events, base, districts))


def _gradient(rows: list[Row], kind: str, base: np.ndarray) -> Iterator[Row]:
    """EQ01: slope and relative index of inequality, the least deprived end less (over) the most deprived."""
    if len(rows) < gradient.FEWEST_GROUPS:
        return
    multiplier, scale = (100.0, rows[0]["multiplier"]) if kind == "proportion" else (1.0, 1.0)
    value, lower, upper = (
        np.array([row[name] for row in rows], dtype=float) / scale for name in ("value", "lower", "upper")
    )
    if (lower > 0).all() and (kind == "rate" or (upper < 1).all()):
        found = gradient.gradient_interval(
            value, lower, upper, base, seed=SEED, kind=kind, multiplier=multiplier, draws=DRAWS
        )
        pairs = (("slope_index", found.slope), ("relative_index", found.relative))
        for statistic, estimate in pairs:
            yield {
                "indicator_id": "EQ01",
                "statistic": statistic,
                **{name: float(getattr(estimate, name)) for name in ("value", "lower", "upper")},
            }
        return
    plain = gradient.gradient(value, base, multiplier=multiplier)
    for statistic, index in (("slope_index", plain.slope), ("relative_index", plain.relative)):
        yield {
            "indicator_id": "EQ01",
            "statistic": statistic,
            "value": float(index) if np.isfinite(index) else None,
            "note": "No interval: a group has no event, or nothing but events",
        }


def _funnel(rows: list[Row], kind: str, events: np.ndarray, base: np.ndarray, average: float) -> Iterator[Row]:
    """EQ03: control limits around the average of the areas; widened for over-dispersion from 20 areas up."""
    if kind == "proportion" and average in (0.0, 1.0):
        return
    method, size = ("proportion", base) if kind == "proportion" else ("ratio_root", base * average)
    spread = funnel.dispersion(events, size, method)
    note = (
        f"Widened for over-dispersion of {spread.units} areas"
        if spread.tau2 > 0
        else "Not widened: no over-dispersion"
        if spread.is_adjusted
        else f"Not widened: over-dispersion cannot be told from fewer than {funnel.FEWEST_UNITS} areas"
    )
    edges = {}
    for confidence in (funnel.WARNING, funnel.ALARM):
        if kind == "proportion" and not spread.tau2:
            edges[confidence] = funnel.proportion_limits(base, average, confidence)
        elif kind == "proportion":
            edges[confidence] = funnel.dispersed_limits(base, spread.tau2, method, average, confidence)
        else:
            limits = funnel.dispersed_limits(size, spread.tau2, method, confidence=confidence)
            edges[confidence] = type(limits)(*(edge * average for edge in limits))
    scale = rows[0]["multiplier"]
    for place, row in enumerate(rows):
        share = events[place] / base[place]
        for confidence, statistic in ((funnel.WARNING, "funnel_95"), (funnel.ALARM, "funnel_998")):
            lower, upper = edges[confidence].lower[place], edges[confidence].upper[place]
            yield {
                "indicator_id": "EQ03",
                "area_code": row["group_value"],
                "statistic": statistic,
                # -1 below the limits, 1 above, 0 within.
                "value": float(share > upper) - float(share < lower),
                "lower": float(lower * scale),
                "upper": float(upper * scale),
                "note": note,
            }


def _shrunk(rows: list[Row], events: np.ndarray, base: np.ndarray) -> Iterator[Row]:
    """Rates drawn towards the county's by empirical Bayes, for maps alone, and the weight of the area's own rate."""
    found = smallarea.empirical_bayes(events, base)
    note = None if found.variance else "No evidence of real variation: every area has the county's rate"
    for row, rate, weight in zip(rows, found.shrunk, found.weight, strict=True):
        yield {
            "indicator_id": "EQ03",
            "area_code": row["group_value"],
            "statistic": "shrunk",
            "value": float(rate * row["multiplier"]),
            "note": note,
        }
        yield {
            "indicator_id": "EQ03",
            "area_code": row["group_value"],
            "statistic": "shrunk_weight",
            "value": float(weight),
            "note": note,
        }


def _gap(rows: list[Row], kind: str, events: np.ndarray, base: np.ndarray) -> Iterator[Row]:
    """EQ06: the highest less the lowest district, what chance alone would make of it, and the spread beyond chance."""
    large = base >= FEWEST_CHILDREN
    if large.sum() < FEWEST_AREAS:
        return
    x, n = events[large], base[large]
    scale = 100.0 if kind == "proportion" else rows[0]["multiplier"]
    shares = x / n
    high, low = int(np.argmax(shares)), int(np.argmin(shares))
    areas = int(large.sum())
    note = f"Of {areas} districts with {FEWEST_CHILDREN} or more in the base"
    gap: Row = {
        "indicator_id": "EQ06",
        "statistic": "gap",
        "value": float((shares[high] - shares[low]) * scale),
        "note": note,
    }
    if kind == "proportion":
        # Picked from all pairs: as if chosen beforehand, two level counties in five would seem to have a gap.
        pairs = areas * (areas - 1) / 2
        between = compare.difference(x[high], n[high], x[low], n[low], 1 - 0.05 / pairs)
        gap |= {"lower": float(between.lower * scale), "upper": float(between.upper * scale)}
    yield gap
    if x.any():
        whole = np.round(n)
        band = inequality.chance_band(
            np.round(x), whole, lambda rates, _: rates.max(axis=-1) - rates.min(axis=-1), seed=SEED, kind=kind
        )
        yield {
            "indicator_id": "EQ06",
            "statistic": "gap_by_chance",
            "value": None,
            "lower": float(band.lower * scale),
            "upper": float(band.upper * scale),
            "note": "95% of gaps if every district had the county's rate; a gap inside it is no inequality",
        }
        spread = float(np.sqrt(smallarea.empirical_bayes(x, n).variance) * scale)
        yield {"indicator_id": "EQ06", "statistic": "spread_beyond_chance", "value": spread, "note": note}


def _spread(rows: list[Row], kind: str, events: np.ndarray, base: np.ndarray) -> Iterator[Row]:
    """EQ05: Gini over children, beside what chance alone would make of it."""
    value = float(inequality.gini(events / base, base))
    band = inequality.chance_band(np.round(events), np.round(base), inequality.gini, seed=SEED, kind=kind)
    yield {
        "indicator_id": "EQ05",
        "statistic": "gini",
        "value": value,
        "lower": float(band.lower),
        "upper": float(band.upper),
        "note": "Limits are those of chance alone: unequal only above them",
    }


def _between(
    rows: list[Row], events: np.ndarray, base: np.ndarray, districts: dict[tuple[str, str], str]
) -> Iterator[Row]:
    """EQ05: how much of the difference between wards lies between districts (Theil, weighted by children)."""
    of = [districts.get(("ward", row["group_value"])) for row in rows]
    if None in of or len(set(of)) < 2:
        return
    parts = inequality.theil_parts(events / base, np.array(of), base)
    if parts.total > 0:
        yield {
            "indicator_id": "EQ05",
            "statistic": "theil_between_share",
            "value": float(parts.between / parts.total),
            "note": "Between districts, of the difference between wards; chance is in both",
        }
