"""Are there enough places, and where? Places within reach of each small area, and plans in the years to come.

Called by the dbt models `int_equity__access`, `int_equity__access_with` and `int_equity__forecast`. It reads
aggregates only and is deterministic: draws have a fixed seed, and rows come in an order of their own. What its
figures mean and leave out is in docs/statistics.md.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import pyarrow as pa

from warehouse.statistics import access, forecast
from warehouse.statistics.checks import Numbers

Row = dict[str, Any]

# A catchment in three equal zones, as shares of its width; the weights are Luo and Qi's.
ZONES = (1 / 3, 2 / 3, 1.0)
BEYOND = 2.0
ANY_NEED, ANY_PHASE = "all", "ALL"
NOT_A_NEED = ("none", "unknown")

ACCESS = pa.schema(
    [
        ("period_id", pa.string()),
        ("lsoa21_code", pa.string()),
        ("district_code", pa.string()),
        ("in_county", pa.bool_()),
        ("need", pa.string()),
        ("phase", pa.string()),
        ("children", pa.float64()),
        ("places_within_reach", pa.float64()),
        ("nearest_km", pa.float64()),
        ("places_per_child", pa.float64()),
        ("places_per_child_zoned", pa.float64()),
        ("places_per_child_with_neighbours", pa.float64()),
        ("is_near_border", pa.bool_()),
    ]
)
REACH_WITH = pa.schema(
    [
        ("proposal_id", pa.string()),
        ("period_id", pa.string()),
        ("lsoa21_code", pa.string()),
        ("need", pa.string()),
        ("phase", pa.string()),
        ("places_within_reach", pa.float64()),
        ("places_per_child", pa.float64()),
    ]
)

FORECAST = pa.schema(
    [
        ("made_from", pa.date32()),
        ("years_ahead", pa.int32()),
        ("area_level", pa.string()),
        ("area_code", pa.string()),
        ("need", pa.string()),
        ("phase", pa.string()),
        ("plans_at_start", pa.float64()),
        ("plans", pa.float64()),
        ("lower", pa.float64()),
        ("upper", pa.float64()),
        ("actual", pa.float64()),
        ("specialist_plans", pa.float64()),
        ("specialist_lower", pa.float64()),
        ("specialist_upper", pa.float64()),
        ("flow_years", pa.int32()),
    ]
)
COUNTY = "county"
YEARS_AHEAD, BACK_TESTS, FLOW_YEARS = 5, 2, 3
DRAWS, SEED = 1_000, 2026
# How much starts, and shares that leave, change from year to year (docs/statistics.md): as little as in one council of
# ten, and what is assumed where only one year is known, because half of all councils change by as much.
LEAST_CHANGE, USUAL_CHANGE = 0.1, 0.25


def reach(home: pa.Table, site: pa.Table, catchment: pa.Table) -> pa.Table:
    """Places within reach of each small area where children of ours live, by need and phase: ACCESS.

    `home` and `site` are equity__access_home and equity__access_site; `catchment` has the kilometres of each phase. A
    place serves its own phase (one of ANY_PHASE every phase, all of which then share it) and its own need; in the rows
    of ANY_NEED all places serve all children. What is not ours (`is_own` false) counts in those rows alone, in
    places_per_child_with_neighbours.
    """
    kilometres = {row["phase"]: row["kilometres"] for row in catchment.to_pylist()}
    made: list[Row] = []
    for period_id, people, places in _periods(home, site, kilometres):
        near_border = _near_border(people, places, kilometres)
        needs = sorted({row["need"] for row in people if row["is_own"]} - {*NOT_A_NEED})
        for need in (ANY_NEED, *needs):
            for row in _of_need(need, people, places, kilometres):
                is_near = near_border[row["lsoa21_code"], row["phase"]]
                made.append({"period_id": period_id, "is_near_border": is_near, **row})
    return pa.Table.from_pylist(made, schema=ACCESS)


def reach_with(home: pa.Table, site: pa.Table, proposal: pa.Table, catchment: pa.Table) -> pa.Table:
    """The same with each proposed base in the newest period, as if it alone had been opened: REACH_WITH, of its need.

    `proposal` is dim_resource_base_proposal; one that has no place on the map, or of which a cell could not be read
    (need, phase, places), has no rows. Otherwise as `reach`.
    """
    kilometres = {row["phase"]: row["kilometres"] for row in catchment.to_pylist()}
    made: list[Row] = []
    for period_id, people, places in _periods(home, site, kilometres)[-1:]:
        for base in sorted(proposal.to_pylist(), key=lambda row: row["proposal_id"]):
            if any(base[name] is None for name in ("easting", "northing", "need", "phase", "places")):
                continue
            for row in _of_need(base["need"], people, [*places, {**base, "is_own": True}], kilometres):
                found = {name: row[name] for name in REACH_WITH.names if name in row}
                made.append({"proposal_id": base["proposal_id"], "period_id": period_id, **found})
    return pa.Table.from_pylist(made, schema=REACH_WITH)


def _periods(home: pa.Table, site: pa.Table, kilometres: dict[str, float]) -> list[tuple[str, list[Row], list[Row]]]:
    """Each period with its homes and places. One of which no places landed is left out: nought would say that there
    are none."""
    homes, sites = _by_period(home, "lsoa21_code"), _by_period(site, "establishment_key")
    return [
        (period_id, [row for row in homes[period_id] if row["phase"] in kilometres], sites[period_id])
        for period_id in sorted(homes)
        if any(row["is_own"] for row in sites[period_id])
    ]


def _by_period(table: pa.Table, place: str) -> dict[str, list[Row]]:
    """Rows of each period, in an order of their own: sums of floats depend on it."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(table.to_pylist(), key=lambda row: (row[place], row["phase"], row["need"], row["is_own"])):
        found[row["period_id"]].append(row)
    return found


def _of_need(need: str, people: list[Row], places: list[Row], kilometres: dict[str, float]) -> list[Row]:
    """The rows of one need: a cell for each small area and phase with a child of ours."""
    any_need = need == ANY_NEED
    own = _cells(row for row in people if row["is_own"] and (any_need or row["need"] == need))
    own_sites = [row for row in places if row["is_own"] and (any_need or row["need"] == need)]
    km = _kilometres(own, own_sites)
    widths = _widths(km, own, own_sites, kilometres)
    children = np.array([row["children"] for row in own])
    held = np.array([row["places"] for row in own_sites])
    per_child = zoned = within = np.zeros(len(own))
    nearest = np.full(len(own), np.nan)
    if own and own_sites:
        per_child = access.two_step(held, children, widths, 1.0).access
        zoned = access.enhanced_two_step(held, children, widths, ZONES).access
        within = (widths <= 1) @ held
        fits = np.where(_serves(own, own_sites), km, np.inf).min(axis=1)
        nearest = np.where(np.isfinite(fits), fits, np.nan)
    with_neighbours = _with_neighbours(own, own_sites, people, places, kilometres) if any_need else None
    return [
        {
            **{name: cell[name] for name in ("lsoa21_code", "district_code", "in_county", "phase", "children")},
            "need": need,
            "places_within_reach": float(within[at]),
            "nearest_km": None if np.isnan(nearest[at]) else float(nearest[at]),
            "places_per_child": float(per_child[at]),
            "places_per_child_zoned": float(zoned[at]),
            "places_per_child_with_neighbours": None if with_neighbours is None else float(with_neighbours[at]),
        }
        for at, cell in enumerate(own)
    ]


def _with_neighbours(
    own: list[Row], own_sites: list[Row], people: list[Row], places: list[Row], kilometres: dict[str, float]
) -> Numbers | None:
    """Access of our cells with the neighbours' children and places; None where none of them landed."""
    cells = [*own, *_cells(row for row in people if not row["is_own"])]
    sites = [*own_sites, *(row for row in places if not row["is_own"])]
    if len(cells) == len(own) or len(sites) == len(own_sites):
        return None
    widths = _widths(_kilometres(cells, sites), cells, sites, kilometres)
    return access.edge_effect(
        [row["places"] for row in sites],
        [row["children"] for row in cells],
        widths,
        (1.0,),
        np.arange(len(sites)) < len(own_sites),
        np.arange(len(cells)) < len(own),
        (1.0,),
    ).whole


def _cells(people: Any) -> list[Row]:
    """Children added up by small area and phase."""
    found: dict[tuple[str, str], Row] = {}
    for row in people:
        cell = found.setdefault((row["lsoa21_code"], row["phase"]), {**row, "children": 0.0})
        cell["children"] += row["children"]
    return [found[key] for key in sorted(found)]


def _kilometres(cells: list[Row], sites: list[Row]) -> Numbers:
    """Kilometres as the crow flies: a row for each cell, a column for each site."""
    at = [np.array([[row[axis]] for row in cells], dtype=float).reshape(-1, 1) for axis in ("easting", "northing")]
    to = [np.array([row[axis] for row in sites], dtype=float).reshape(1, -1) for axis in ("easting", "northing")]
    return access.grid_distance(at[0], at[1], to[0], to[1])


def _serves(cells: list[Row], sites: list[Row]) -> np.ndarray:
    phases = np.array([row["phase"] for row in cells]).reshape(-1, 1)
    offered = np.array([row["phase"] for row in sites]).reshape(1, -1)
    return (offered == phases) | (offered == ANY_PHASE)


def _widths(km: Numbers, cells: list[Row], sites: list[Row], kilometres: dict[str, float]) -> Numbers:
    """Distance as a share of the catchment of the cell's phase; BEYOND where the site does not serve that phase."""
    widths = km / np.array([kilometres[row["phase"]] for row in cells]).reshape(-1, 1)
    return np.where(_serves(cells, sites), widths, BEYOND)


def _near_border(people: list[Row], places: list[Row], kilometres: dict[str, float]) -> dict[tuple[str, str], bool]:
    """Of each small area and phase of ours, whether a neighbour's small area or place lies within one catchment."""
    cells = _cells(row for row in people if row["is_own"])
    others = [row for row in (*people, *places) if not row["is_own"]]
    near = _kilometres(cells, others) <= np.array([kilometres[row["phase"]] for row in cells]).reshape(-1, 1)
    return {
        (row["lsoa21_code"], row["phase"]): bool(is_near) for row, is_near in zip(cells, near.any(axis=1), strict=True)
    }


def forecasts(flow: pa.Table, share: pa.Table) -> pa.Table:
    """Plans in the next years by district, need and phase, with all of each, and the same from earlier days: FORECAST.

    `flow` is equity__plan_flow, each year with every district, need and age; `share` is equity__specialist_share.
    From the newest close YEARS_AHEAD are forecast; from the one and two before, the years that have come since, by
    what was known of plans then: `actual` is what came. Each forecast rests on up to FLOW_YEARS of flows before it.
    """
    years: dict[Any, list[Row]] = defaultdict(list)
    for row in flow.to_pylist():
        years[row["close_date"]].append(row)
    days = sorted(years)
    if not days:
        return pa.Table.from_pylist([], schema=FORECAST)
    cells = years[days[0]]
    districts, needs, ages = (sorted({row[name] for row in cells}) for name in ("district", "need", "age"))
    phase_of = {row["age"]: row["phase"] for row in cells}
    phases = list(dict.fromkeys(phase_of[age] for age in ages))
    in_phase = np.array([[phase_of[age] == phase for phase in phases] for age in ages], dtype=float)
    shares = {(row["need"], row["phase"]): row["specialist_share"] for row in share.to_pylist()}
    specialist = np.array([[shares.get((need, phase), 0.0) for phase in phases] for need in needs])

    def counted(day: Any, name: str) -> Numbers:
        found = sorted(years[day], key=lambda row: (row["district"], row["need"], row["age"]))
        return np.array([row[name] for row in found], dtype=float).reshape(len(districts), len(needs), len(ages))

    closed = {day: counted(day, "closed") for day in days}
    made: list[Row] = []
    for back in range(min(BACK_TESTS, len(days) - 1) + 1):
        origin = days[-1 - back]
        seen = days[: len(days) - back][-FLOW_YEARS:]
        started = np.array([counted(day, "started") for day in seen])
        of_year = {name: np.array([counted(day, name).sum(axis=0) for day in seen]) for name in ("opened", "stayed")}
        opened, stayed = (of_year[name].sum(axis=0) for name in ("opened", "stayed"))
        ahead = back or YEARS_AHEAD
        stock = closed[origin]
        leaves = forecast.leaving(opened, stayed)
        if np.isnan(leaves).any():
            continue  # nobody was seen in any of the years
        expected = forecast.project(stock, forecast.starting(started), leaves, ahead) @ in_phase
        left = (of_year["opened"] - of_year["stayed"]).sum(axis=(1, 2))
        starts_change = _change(started.sum(axis=(1, 2, 3)))
        leaving_change = _change(left, (of_year["opened"] * leaves).sum(axis=(1, 2)))
        # Most needs are nobody's in most districts: only cells with somebody are drawn.
        alive = (stock + started.sum(axis=0)).any(axis=-1)
        drawn = np.zeros((DRAWS, ahead, *alive.shape, len(phases)))
        drawn[:, :, alive] = (
            forecast.simulate(
                stock[alive],
                started[:, alive],
                opened,
                stayed,
                np.nonzero(alive)[1],
                ahead,
                seed=SEED,
                starts_change=starts_change,
                leaving_change=leaving_change,
                draws=DRAWS,
            )
            @ in_phase
        )
        for year in range(ahead):
            came = closed[days[year - back]] @ in_phase if back else None
            found = {
                "plans_at_start": _with_totals(stock @ in_phase),
                "plans": _with_totals(expected[year]),
                "actual": None if came is None else _with_totals(came),
                "specialist_plans": _with_totals(expected[year] * specialist),
                **_limits("", drawn[:, year]),
                **_limits("specialist_", drawn[:, year] * specialist),
            }
            names = ([*districts, COUNTY], [*needs, ANY_NEED], [*phases, "all"])
            for at in np.ndindex(found["plans"].shape):
                if not any(
                    found[name] is not None and found[name][at] for name in ("plans_at_start", "upper", "actual")
                ):
                    continue
                area, need, phase = (names[axis][place] for axis, place in enumerate(at))
                made.append(
                    {
                        "made_from": origin,
                        "years_ahead": year + 1,
                        "area_level": "county" if area == COUNTY else "district",
                        "area_code": None if area == COUNTY else area,
                        "need": need,
                        "phase": phase,
                        "flow_years": len(seen),
                        **{name: None if values is None else float(values[at]) for name, values in found.items()},
                    }
                )
    return pa.Table.from_pylist(made, schema=FORECAST)


def _change(came: Numbers, expected: Numbers | float = 1.0) -> float:
    return max(LEAST_CHANGE, forecast.change(came, expected)) if came.size > 1 else USUAL_CHANGE


def _with_totals(values: Numbers) -> Numbers:
    """The last three axes, districts, needs and phases, each with the sum of all behind it."""
    for axis in (-3, -2, -1):
        values = np.concatenate([values, values.sum(axis=axis, keepdims=True)], axis=axis)
    return values


def _limits(name: str, drawn: Numbers) -> dict[str, Numbers]:
    lower, upper = np.quantile(_with_totals(drawn), [0.025, 0.975], axis=0)
    return {f"{name}lower": lower, f"{name}upper": upper}
