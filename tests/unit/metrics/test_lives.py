"""Every metric against lives worked out by hand: warehouse/lives has the people, and the working in expected.csv."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from statsmodels.stats.proportion import confint_proportions_2indep

from warehouse import duck
from warehouse.settings import REPOSITORY
from warehouse.specification import rows

LIVES = REPOSITORY / "warehouse" / "lives"
KEY = ("metric_id", "measure", "period_id", "area", "subgroup_set", "subgroup_value")


def _expected(folder: Path) -> list[dict[str, str]]:
    with (folder / "expected.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


# The county of fifty lives has figures for the county too; all other families have those of their own districts.
COUNTY = _expected(LIVES / "county")
FAMILIES = [row for folder in sorted(LIVES.glob("*/")) if folder.name != "county" for row in _expected(folder)]


def _metrics(database: Path) -> dict[tuple, dict]:
    with duck.reader(database) as connection:
        relation = connection.sql(
            "select *, case when area_level in ('county', 'district') then area_code "
            "else area_level || ' ' || area_code end as area from equity.fct_metric"
        )
        found = [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]
    return {tuple(row[name] for name in KEY): row for row in found}


@pytest.fixture(scope="module")
def metrics(lives: Path) -> dict[tuple, dict]:
    return _metrics(lives)


@pytest.fixture(scope="module")
def metrics_by_district(lives_by_district: Path) -> dict[tuple, dict]:
    return _metrics(lives_by_district)


@pytest.mark.parametrize("expected", COUNTY, ids=lambda row: " ".join(row[name] for name in KEY))
def test_metric_equals_the_working_on_paper(metrics: dict, expected: dict[str, str]) -> None:
    _compare(metrics, expected)


@pytest.mark.parametrize("expected", FAMILIES, ids=lambda row: " ".join(row[name] for name in KEY))
def test_family_equals_the_working_on_paper(metrics_by_district: dict, expected: dict[str, str]) -> None:
    _compare(metrics_by_district, expected)


def _compare(made: dict, expected: dict[str, str]) -> None:
    row = made[tuple(expected[name] for name in KEY)]
    for name in ("numerator", "denominator", "excluded", "value"):
        wanted = float(expected[name]) if expected[name] else None
        assert row[name] == (pytest.approx(wanted, abs=1e-9) if wanted is not None else None), name


def test_every_metric_has_a_worked_example() -> None:
    assert {row["metric_id"] for row in rows("metric")} == {row["metric_id"] for row in COUNTY + FAMILIES}


def test_every_group_adds_up_to_all(metrics: dict) -> None:
    """Nobody drops out of a breakdown: unknown is a group."""
    totals: dict[tuple, list[float]] = {}
    for (metric_id, measure, period_id, area, subgroup_set, _), row in metrics.items():
        if subgroup_set != "all" and row["numerator"] is not None and measure != "standardised_rate":
            sums = totals.setdefault((metric_id, measure, period_id, area, subgroup_set), [0.0, 0.0, 0.0])
            for place, name in enumerate(("numerator", "denominator", "excluded")):
                sums[place] += row[name] or 0
    assert len(totals) > 100
    for (metric_id, measure, period_id, area, subgroup_set), sums in totals.items():
        whole = metrics[metric_id, measure, period_id, area, "all", "all"]
        assert sums == pytest.approx([whole["numerator"], whole["denominator"] or 0, whole["excluded"]], abs=1e-9), (
            metric_id,
            measure,
            period_id,
            area,
            subgroup_set,
        )


def test_pairs_left_out_are_left_out(metrics: dict) -> None:
    made = {(key[0], key[4]) for key in metrics}
    for row in rows("metric_without_subgroup"):
        assert (row["metric_id"], row["subgroup_set"]) not in made


def test_before_a_register_begins_there_is_no_zero(metrics_by_district: dict) -> None:
    """The first spell begins on 5 November 2026. The autumn census was before it: eight pupils, and nobody to be found;
    by the end of November T03, T04 and T10 are on the register."""
    months = {key[2]: row["numerator"] for key, row in metrics_by_district.items() if key[:2] == ("IN07", "share")}
    assert "2026-10" not in months
    november = metrics_by_district["IN07", "share", "2026-11", "INC_D3", "all", "all"]
    assert november["numerator"] == 3


def test_no_ratio_where_a_count_is_zero(metrics: dict) -> None:
    south = metrics["TM02", "share", "2026", "D2", "all", "all"]
    assert south["numerator"] == 0 and south["value"] == 0
    assert south["ratio_to_rest"] is None and south["ratio_lower"] is None


def test_the_rest_of_the_county_leaves_the_group_out(metrics: dict) -> None:
    north = metrics["TM05", "share", "2026", "D1", "all", "all"]
    assert (north["rest_numerator"], north["rest_denominator"]) == (1, 3)
    assert metrics["TM05", "share", "2026", "999", "all", "all"]["rest_value"] is None


def test_a_gap_of_shares_has_newcombes_limits(metrics_by_district: dict) -> None:
    gap = metrics_by_district["AT09", "reading_writing_maths_support", "2025/26", "ATT_D1", "all", "all"]
    wanted = confint_proportions_2indep(2, 3, 1, 2, method="newcomb", compare="diff")
    assert (gap["lower"], gap["upper"]) == pytest.approx(tuple(100 * limit for limit in wanted), abs=1e-7)
    assert gap["numerator"] is None and not gap["is_reliable"]


def test_a_locality_is_compared_with_the_rest_of_the_county(metrics: dict) -> None:
    """Six of LOC_A's 840; the rest are 8 of 660, the one in no locality among them. S01 and S02 against S03 S04 S06."""
    hill = metrics["ID03", "crude_rate", "2026", "locality LOC_A", "all", "all"]
    assert (hill["rest_numerator"], hill["rest_denominator"], hill["compared_with"]) == (8, 660, "rest_of_county")
    without = metrics["ID02", "share", "2026", "locality LOC_A", "fsm", "no"]
    assert (without["rest_numerator"], without["rest_denominator"]) == (1, 3)


def test_small_levels_have_everyone_only_and_planning_areas_have_no_residents(metrics: dict) -> None:
    made = {(row["area_level"], row["subgroup_set"]) for row in metrics.values()}
    by_subgroup = {level for level, subgroup_set in made if subgroup_set != "all"}
    assert by_subgroup == {"county", "district", "locality"}
    per_head = {row["area_level"] for key, row in metrics.items() if key[0] == "ID03"}
    assert per_head == {"county", "district", "locality", "msoa", "lsoa"}


def test_a_council_without_lists_has_no_such_areas(metrics_by_district: dict) -> None:
    """Not one area, unknown, that everybody is in. Nor wards, of which these lives have none."""
    assert {row["area_level"] for row in metrics_by_district.values()} == {"county", "district", "lsoa", "school"}


def test_a_metric_says_what_it_is_made_from_and_of_whom(lives_by_district: Path) -> None:
    """Of two providers the late one is named and its day is the oldest; what never came has no day. Two contacts led to
    nobody."""
    with duck.reader(lives_by_district) as connection:
        found = connection.sql(
            "select metric_id, period_id, extract_count, oldest_extract_date::varchar, not_fresh, without_child, "
            "unlinked_share from equity.equity__provenance where (metric_id, period_id) in "
            "(('HC01', '2026-12'), ('HC04', '2026-12'), ('FN07', 'FY 2025-26'), ('PL11', '2026/27')) order by 1"
        ).fetchall()
    assert found == [
        ("FN07", "FY 2025-26", 2, None, None, None, 0.5),
        ("HC01", "2026-12", 4, "2026-09-30", "csds.referral (late)", "csds.care_contact (2 of 90 rows)", 0.0),
        ("HC04", "2026-12", 1, None, "waiting_list.waiting (absent)", None, 0.0),
        ("PL11", "2026/27", 17, None, None, None, None),
    ]


def test_a_year_without_one_of_its_terms_is_called_no_whole_year(lives_by_district: Path) -> None:
    """Of 2025/26 one child's autumn and spring are all the attendance that landed; suspensions need no terms."""
    with duck.reader(lives_by_district) as connection:
        found = connection.sql(
            "select distinct metric_id, is_whole_period, missing_part from equity.rpt_equity__metric "
            "where period_id = '2025/26' and metric_id in ('IN02', 'IN04') order by 1"
        ).fetchall()
    assert found == [("IN02", False, "attendance of summer"), ("IN04", True, None)]


def test_how_many_are_known_by_group_is_said(lives: Path) -> None:
    """ID02: of the seven on roll the census does not say of P02 whether meals are free, and of each where they live."""
    with duck.reader(lives) as connection:
        found = connection.sql(
            "select breakdown, known_share from equity.rpt_equity__reading where metric_id = 'ID02' "
            "and measure = 'share' and period_id = '2026' and breakdown in ('district', 'fsm') order by 1"
        ).fetchall()
    assert found == [("district", 1.0), ("fsm", pytest.approx(6 / 7))]


def test_periods_open_after_the_census_day_and_months_lie_inside_them(lives: Path) -> None:
    with duck.reader(lives) as connection:
        years = connection.sql(
            "select period_id, stock_date::varchar, is_whole from core.dim_period "
            "where period_type = 'calendar_year' order by 1"
        ).fetchall()
        months = connection.sql("select count(*) from core.dim_period where period_type = 'month'").fetchall()
    # On 21 January 2027 the census day that closes 2026 is today: 2027 is no period yet.
    assert years == [("2025", "2026-01-15", True), ("2026", "2027-01-21", True)]
    assert months == [(24,)]


def test_the_stock_of_a_year_is_of_the_day_that_it_was_counted_on(metrics_by_district: dict[tuple, dict]) -> None:
    """Waits open on 31 December, by the provider's files of the month; open assessments on the census day."""
    days = {
        key[0]: row["stock_date"].isoformat()
        for key, row in metrics_by_district.items()
        if key[0] in ("HC01", "TM07") and key[2] == "2026"
    }
    assert days == {"HC01": "2026-12-31", "TM07": "2027-01-21"}


def test_a_resource_base_on_one_line(lives_by_district: Path) -> None:
    """Base 1 has P01 to P05 by the census, P01 to P03 and P08 by the case system; 1 to 10 km away, P05 not known.

    Of six lines of provision three are therapy on the stock date: one in full, one half, one not known. P09 moved on.
    """
    with duck.reader(lives_by_district) as connection:
        relation = connection.sql(
            "select * from equity.rpt_equity__resource_base where period_id = '2026/27' order by base_id"
        )
        made = {row[1]: dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()}
    first = made["RB_1"]
    expected = {
        "places_autumn": 10,
        "pupils_autumn": 4,
        "vacant_autumn": 6,
        "places_spring": 12,
        "pupils_spring": 5,
        "vacant_spring": 7,
        "places_summer": None,
        "children": 6,
        "children_with_designated_need": 5,
        "children_with_other_need": 1,
        "children_with_unknown_need": 0,
        "median_km": 3.0,
        "moved_to_mainstream_class": 1,
        "therapy_lines": 3,
        "therapy_lines_in_full": 1,
        "therapy_lines_not_known": 1,
        "sen2_children": 4,
        "register_on_roll": 4,
        "school_says_filled": 5,
        "children_in_both": 3,
        "do_all_agree": False,
    }
    assert {name: first[name] for name in expected} == expected
    assert made["RB_2"]["vacant_spring"] == -2
    assert made["RB_9"]["do_all_agree"] is True
    assert "RB_5" not in made and made["RB_6"]["children"] is None
