"""Every metric against lives worked out by hand: lives/*.csv are the people, lives/expected.csv the working."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from warehouse import duck
from warehouse.specification import rows

EXPECTED = list(csv.DictReader((Path(__file__).parent / "lives" / "expected.csv").open(encoding="utf-8", newline="")))
KEY = ("metric_id", "measure", "period_id", "subgroup_set", "subgroup_value")


@pytest.fixture(scope="module")
def metrics(lives: Path) -> dict[tuple, dict]:
    with duck.reader(lives) as connection:
        relation = connection.sql("select * from equity.equity__metric")
        found = [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]
    return {tuple(row[name] for name in KEY): row for row in found}


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda row: " ".join(row[name] for name in KEY))
def test_metric_equals_the_working_on_paper(metrics: dict, expected: dict[str, str]) -> None:
    made = metrics[tuple(expected[name] for name in KEY)]
    for name in ("numerator", "denominator", "excluded", "value"):
        wanted = float(expected[name]) if expected[name] else None
        assert made[name] == (pytest.approx(wanted, abs=1e-12) if wanted is not None else None), name


def test_every_metric_has_a_worked_example() -> None:
    assert {row["metric_id"] for row in rows("metric")} == {row["metric_id"] for row in EXPECTED}


def test_every_group_adds_up_to_all(metrics: dict) -> None:
    """Nobody drops out of a breakdown: unknown is a group."""
    totals: dict[tuple, list[float]] = {}
    for (metric_id, measure, period_id, subgroup_set, _), row in metrics.items():
        if subgroup_set != "all" and row["numerator"] is not None and measure != "standardised_rate":
            sums = totals.setdefault((metric_id, measure, period_id, subgroup_set), [0.0, 0.0, 0.0])
            for place, name in enumerate(("numerator", "denominator", "excluded")):
                sums[place] += row[name] or 0
    assert len(totals) > 100
    for (metric_id, measure, period_id, subgroup_set), sums in totals.items():
        whole = metrics[metric_id, measure, period_id, "all", "all"]
        assert sums == pytest.approx([whole["numerator"], whole["denominator"] or 0, whole["excluded"]], abs=1e-9), (
            metric_id,
            measure,
            period_id,
            subgroup_set,
        )


def test_pairs_left_out_are_left_out(metrics: dict) -> None:
    made = {(key[0], key[3]) for key in metrics}
    for row in rows("metric_without_subgroup"):
        assert (row["metric_id"], row["subgroup_set"]) not in made


def test_no_ratio_where_a_count_is_zero(metrics: dict) -> None:
    south = metrics["TM02", "share", "2026", "district", "D2"]
    assert south["numerator"] == 0 and south["value"] == 0
    assert south["ratio_to_rest"] is None and south["ratio_lower"] is None


def test_the_rest_of_the_county_leaves_the_group_out(metrics: dict) -> None:
    north = metrics["TM05", "share", "2026", "district", "D1"]
    assert (north["rest_numerator"], north["rest_denominator"]) == (1, 3)
    assert metrics["TM05", "share", "2026", "all", "all"]["rest_value"] is None


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
