"""Places within reach, and plans to come, against working on paper: lives/access and lives/forecast."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from warehouse import duck, sufficiency

# Profound and multiple difficulty, primary, catchment 5 km. S1 has 6 places for L1 (2 children) and L2 (1): 2 each.
# S2 has 4 for L2, exactly 5 km away, and L3 (3): 1 each. In thirds of 1.67 km, S1 is in the second of both: 6 / (0.68
# x 3); S2 in L2's last and L3's first: 4 / (0.22 + 3).
S1, S2 = 6 / 2.04, 4 / 3.22
OF_A_NEED = {
    ("AC_L1", "PMLD", "PRI"): (2, 6, 2.0, 2.0, 0.68 * S1),
    ("AC_L2", "PMLD", "PRI"): (1, 10, 2.0, 3.0, 0.68 * S1 + 0.22 * S2),
    ("AC_L3", "PMLD", "PRI"): (3, 4, 1.0, 1.0, S2),
    # One place and one child, exactly 10 km away.
    ("AC_L1", "PMLD", "SEC"): (1, 1, 10.0, 1.0, 1.0),
    # 3 places of all phases for a child of 8 (2 km of 5: second third) and one of 13 (4.47 km of 10: second third).
    ("AC_L1", "MSI", "PRI"): (1, 3, 2.0, 1.5, 1.5),
    ("AC_L2", "MSI", "SEC"): (1, 3, 20**0.5, 1.5, 1.5),
    ("AC_L3", "MSI", "PRI"): (1, 0, 104**0.5, 0.0, 0.0),
    ("AC_L3", "OTH", "PRI"): (1, 0, None, 0.0, 0.0),
}
# Any need: 10 primary and 2 secondary children on 2,000 residents, so 5 and 1 on the 1,000 of X1. S1 6 over 5; S2 4
# over 7, with X1 over 12; S3 1 over 1; S4 3 over 5 primary and 2 secondary; N1, the neighbour's, 12 over L3 (5), X1
# (5 + 1) and the secondary child of L2.
OF_ANY_NEED = {
    ("AC_L1", "PRI"): (3, 1.2 + 3 / 7, 1.2 + 3 / 7, False),
    ("AC_L2", "PRI"): (2, 1.2 + 4 / 7 + 3 / 7, 1.2 + 4 / 12 + 3 / 7, False),
    ("AC_L3", "PRI"): (5, 4 / 7, 4 / 12 + 1, True),
    ("AC_L1", "SEC"): (1, 1 + 3 / 7, 1 + 3 / 7, False),
    ("AC_L2", "SEC"): (1, 3 / 7, 3 / 7 + 1, True),
}


def test_places_within_reach_of_a_need(lives_by_district: Path) -> None:
    with duck.reader(lives_by_district) as connection:
        made = connection.sql(
            "select lsoa21_code, need, phase, children, places_within_reach, nearest_km, places_per_child, "
            "places_per_child_zoned from equity.equity__access where period_id = '2026' and need <> 'all'"
        ).fetchall()
    assert {row[:3]: row[3:] for row in made} == {key: pytest.approx(row, rel=1e-12) for key, row in OF_A_NEED.items()}


def test_places_within_reach_of_any_need_with_the_neighbours(lives_by_district: Path) -> None:
    with duck.reader(lives_by_district) as connection:
        made = connection.sql(
            "select lsoa21_code, phase, children, places_per_child, places_per_child_with_neighbours, is_near_border "
            "from equity.equity__access where period_id = '2026' and need = 'all'"
        ).fetchall()
    assert {row[:2]: row[2:] for row in made} == {
        key: pytest.approx(row, rel=1e-12) for key, row in OF_ANY_NEED.items()
    }


def test_a_year_of_which_no_places_landed_has_no_index(lives_by_district: Path) -> None:
    """Nought would say that nobody has a place; it is not known."""
    with duck.reader(lives_by_district) as connection:
        assert connection.sql("select count(*) from equity.equity__access where period_id = '2025'").fetchall() == [
            (0,)
        ]


def test_gini_of_access_by_hand(lives_by_district: Path) -> None:
    """L3 0.6 for 5 children, L1 1.625 for 4, L2 2.25 for 2: held 3, 6.5 and 4.5 of 14. 1 - (15 + 50 + 47) / 154."""
    with duck.reader(lives_by_district) as connection:
        made = connection.sql(
            "select value, lower, area_count from equity.equity__inequality where indicator_id = 'EQ07'"
        ).fetchall()
    assert made == [(pytest.approx(42 / 154, rel=1e-12), None, 3)]


# P1, profound and multiple, primary: A01 to A06 and A13, who is not on the map. Reach of 5 km holds A03 (2 km) and
# A04 A05 A06 (4 km). It is nearer than the setting to A03 (5 km: saves 3) and A06 (10: saves 6); not to the boarder
# A02. No place of the need is farther from anybody: 2 km is as near for A03. Out of area A02, A05 and A06 of six with
# a setting; A06 could return. 10 places reached by 6 children, and 8 more. P2, multi-sensory, primary: A10 at 3 km,
# who reaches nothing today; A08 has 1.5 places and stays so. A10 alone gets 3.
WHAT_IF = {
    "AC_P1": (True, 7, 6, 4, 2, 4.5, 0, 10 / 6, 18 / 6, 1.0, 1.0, 3, 1, 3 / 6, 2 / 6),
    "AC_P2": (True, 2, 2, 1, 0, None, 1, 0.75, 2.25, 0.5, 1.0, 0, 0, None, None),
    "AC_P3": (False, 1, 0, 0, 0, None, 0, None, None, None, None, 0, 0, None, None),
}


def test_what_if_a_base_opened_here(lives_by_district: Path) -> None:
    with duck.reader(lives_by_district) as connection:
        made = connection.sql(
            "select proposal_id, is_on_the_map, children, children_on_the_map, children_within_reach, "
            "nearer_than_setting, median_km_saved, nearer_than_any_place, places_per_child, places_per_child_with_it, "
            "share_within_reach, share_within_reach_with_it, out_of_area, could_return, share_out_of_area, "
            "share_out_of_area_at_best from equity.rpt_equity__what_if where proposal_id like 'AC%'"
        ).fetchall()
    assert {row[0]: row[1:] for row in made} == {key: pytest.approx(row, rel=1e-9) for key, row in WHAT_IF.items()}


# The seven of lives/forecast, from 21 January 2026 to 21 January 2027: 10 at the close, and F7 of no known age. Autism:
# F1 F2 F4 (its last day) opened, F1 stayed; F3, F5 (came in) and F6 (from another need) started. Speech and language:
# F6 opened and left.
FLOWS = {("ASD", 10): (3, 1, 3, 4), ("SLCN", 10): (1, 0, 0, 0)}


def test_flows_of_a_year(lives_by_district: Path) -> None:
    with duck.reader(lives_by_district) as connection:
        made = connection.sql(
            "select need, age, opened, stayed, started, closed from equity.equity__plan_flow "
            "where district = 'FC_D1' and close_date = '2027-01-21' and opened + closed > 0"
        ).fetchall()
    assert {row[:2]: row[2:] for row in made} == FLOWS


def test_forecast_stands_beside_the_places_planned(lives_by_district: Path) -> None:
    """Places of 2026 are the newest. 7 primary and 2 of all phases: the 2 are in the total alone."""
    with duck.reader(lives_by_district) as connection:
        made = connection.sql(
            "select phase, planned_places, places_academic_year, note like '%2026, the newest%', plans_at_start, "
            "round(gap - (specialist_plans - planned_places), 9) from equity.equity__forecast "
            "where area_code = 'FC_D1' and made_from = '2027-01-21' and target_date = '2028-01-21' and need = 'all'"
        ).fetchall()
    found = {row[0]: row[1:] for row in made}
    assert found["PRI"] == (7, 2026, True, 4, 0)
    assert found["all"] == (9, 2026, True, 4, 0)


def test_county_is_its_districts_and_all_is_its_parts(lives_by_district: Path) -> None:
    with duck.reader(lives_by_district) as connection:
        made = connection.sql(
            "select sum(plans) filter (where area_level = 'county' and need = 'all' and phase = 'all'), "
            "sum(plans) filter (where area_level = 'district' and need <> 'all' and phase <> 'all') "
            "from equity.equity__forecast group by made_from, target_date"
        ).fetchall()
    assert made and all(whole == pytest.approx(parts, rel=1e-9) for whole, parts in made)


def test_forecast_and_back_tests_by_hand() -> None:
    """Three ages and three years in which all stay. 3, 2 and 1 start at age 0, so the stock at the closes is 3 4 5,
    2 3 4 and 1 2 3. Of the newest year 1 starts, of the one before 2, and of the first 3.
    """
    phases = ("PRI", "PRI", "SEC")
    opened = {2025: (0, 4, 5), 2026: (0, 3, 4), 2027: (0, 2, 3)}
    started = {2025: 3, 2026: 2, 2027: 1}
    flow = [
        {
            "close_date": date(year, 1, 21),
            "district": "D1",
            "need": "ASD",
            "age": age,
            "phase": phases[age],
            "opened": was,
            "stayed": was,
            "started": started[year] if age == 0 else 0,
            "closed": was + (started[year] if age == 0 else 0),
        }
        for year, ages in opened.items()
        for age, was in enumerate(ages)
    ]
    share = [
        {"need": "ASD", "phase": "PRI", "specialist_share": 0.5},
        {"need": "ASD", "phase": "SEC", "specialist_share": 1.0},
    ]
    rows = sufficiency.forecasts(pa.Table.from_pylist(flow), pa.Table.from_pylist(share)).to_pylist()
    made = {
        (row["made_from"].year, row["years_ahead"], row["phase"]): (
            row["plans"],
            row["actual"],
            row["specialist_plans"],
        )
        for row in rows
        if row["area_level"] == "county" and row["need"] == "all"
    }
    of_all = {key[:2]: value[:2] for key, value in made.items() if key[2] == "all"}
    assert of_all == {
        # 1 starts a year: 1 1 2, then 1 1 1.
        (2027, 1): (4, None),
        (2027, 2): (3, None),
        (2027, 3): (3, None),
        (2027, 4): (3, None),
        (2027, 5): (3, None),
        # 2 start: 2 2 3; 1 2 3 came.
        (2026, 1): (7, 6),
        # 3 start: 3 3 4 and 3 3 3; 2 3 4 and 1 2 3 came.
        (2025, 1): (10, 9),
        (2025, 2): (9, 6),
    }
    # Half of the two in primary, and both in secondary.
    assert made[2027, 1, "all"][2] == 3
    assert made[2027, 1, "PRI"][0] == 2 and made[2027, 1, "SEC"][0] == 2
    assert all(row["lower"] <= row["plans"] <= row["upper"] for row in rows)


def test_nothing_is_forecast_from_no_flows() -> None:
    nothing = pa.Table.from_pylist([], schema=pa.schema([("close_date", pa.date32())]))
    assert sufficiency.forecasts(nothing, nothing).num_rows == 0


def test_a_proposal_for_a_need_that_no_child_has_reaches_nobody() -> None:
    """A code outside its set, or a need of which nobody has a plan yet."""
    at = {"easting": 400_000, "northing": 300_000, "phase": "PRI"}
    home = {"period_id": "2026", "lsoa21_code": "L1", "district_code": "D1", "in_county": True, "is_own": True}
    site = {"period_id": "2026", "establishment_key": "S1", "is_own": True, "places": 6.0}
    made = sufficiency.reach_with(
        home=pa.Table.from_pylist([{**home, **at, "need": "PMLD", "children": 2.0}]),
        site=pa.Table.from_pylist([{**site, **at, "need": "PMLD"}]),
        proposal=pa.Table.from_pylist(
            [{"proposal_id": name, **at, "need": name, "places": 4} for name in ("PMLD", "ten")]
        ),
        catchment=pa.Table.from_pylist([{"phase": "PRI", "kilometres": 5.0}]),
    )
    assert [(row["proposal_id"], row["places_within_reach"]) for row in made.to_pylist()] == [("PMLD", 10.0)]
