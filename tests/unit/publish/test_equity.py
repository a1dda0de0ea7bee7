"""What the equity page refuses: a gap without limits, areas without a funnel, an order by value, a class crossed."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from warehouse.publish import dictionary, equity
from warehouse.publish.catalogue import ClassError, TableCard
from warehouse.settings import Home, Settings
from warehouse.specification import rows

SETTINGS = Settings(home=Home(Path("unused")))
GROUP: dict[str, Any] = {
    "breakdown_value": "F",
    "numerator": 12.0,
    "denominator": 40.0,
    "excluded": 0.0,
    "value": 0.3,
    "lower": 0.181234567,
    "upper": 0.454,
    "rest_value": 0.2,
    "ratio_to_rest": 1.5,
    "ratio_lower": 0.9,
    "ratio_upper": 2.5,
    "difference_from_rest": 0.1,
    "difference_lower": -0.02,
    "difference_upper": 0.22,
    "is_reliable": False,
}
FIT: dict[str, Any] = {name: True for name in equity.CHECKS} | {
    "may_show_gap": True,
    "may_compare_areas": True,
    "area_level": "county",
    "known_share": 0.875,
}


def test_a_gap_has_its_limits_beside_it() -> None:
    cells = equity.cells(GROUP, FIT)
    assert cells[:8] == ["F", 12, 40, 0, 0.3, 0.18123, 0.454, 0.2]
    assert cells[8:] == [1.5, 0.9, 2.5, 0.1, -0.02, 0.22, 0]


@pytest.mark.parametrize("missing", ["ratio_lower", "ratio_upper"])
def test_a_ratio_without_a_limit_never_reaches_the_page(missing: str) -> None:
    cells = equity.cells(GROUP | {missing: None}, FIT)
    assert cells[8:11] == [None, None, None]
    assert cells[11:14] == [0.1, -0.02, 0.22], "the other gap has its own limits"


@pytest.mark.parametrize("missing", ["difference_lower", "difference_upper"])
def test_a_difference_without_a_limit_never_reaches_the_page(missing: str) -> None:
    assert equity.cells(GROUP | {missing: None}, FIT)[11:14] == [None, None, None]


@pytest.mark.parametrize(("base", "ratio"), [(9.0, None), (10.0, 1.5)])
def test_a_ratio_of_a_handful_is_no_comparison(base: float, ratio: float | None) -> None:
    cells = equity.cells(GROUP | {"denominator": base}, FIT)
    assert (cells[8], cells[11]) == (ratio, 0.1)


def test_no_gap_where_the_checklist_forbids_it() -> None:
    assert equity.cells(GROUP, FIT | {"may_show_gap": False})[8:14] == [None] * 6


@pytest.fixture
def warehouse() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(
        """
        create schema equity; create schema spec; create schema core;
        create table spec.metric as select 'TM05' as metric_id, 'calendar_year' as period_type;
        create table core.dim_period as
        select * from (values ('2026', 'calendar_year'), ('2026-11', 'month')) as period (period_id, period_type);
        """
    )
    connection.execute(
        "create table equity.equity__inequality (indicator_id varchar, metric_id varchar, measure varchar, "
        "period_id varchar, breakdown varchar, statistic varchar, value double, lower double, upper double, "
        "area_count integer, expected_by_chance double, note varchar)"
    )
    return connection


def test_an_index_without_an_interval_is_not_shown(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute(
        "insert into equity.equity__inequality values "
        "('EQ01', 'TM05', 'share', '2026', 'idaci_quintile', 'slope_index', 9.0, null, null, 5, null, 'No interval'), "
        "('EQ03', 'TM05', 'share', '2026', 'district', 'outside_95', 1, null, null, 10, 0.5, null), "
        "('EQ06', 'TM05', 'share', '2026', 'district', 'gap', 20, 5, 35, 10, null, null)"
    )
    found = {row["statistic"]: row for row in equity._inequality(warehouse)["TM05|share|2026"]}
    assert found["slope_index"]["value"] is None and found["slope_index"]["note"] == "No interval"
    assert found["outside_95"]["value"] == 1, "a count of areas is no gap"
    assert (found["gap"]["value"], found["gap"]["lower"], found["gap"]["upper"]) == (20, 5, 35)


def test_areas_without_a_funnel_are_not_compared() -> None:
    areas = FIT | {"area_level": "district"}
    assert equity._group("district", areas)["compare"]
    assert not equity._group("district", areas | {"may_compare_areas": False})["compare"]


def test_nothing_is_sorted_by_value() -> None:
    """The script's only sort is of the funnel's edge, by the size of the base."""
    script = (Path(equity.__file__).parent / "equity.js").read_text(encoding="utf-8")
    assert re.findall(r"\.(?:toSorted|sort)\(.*", script) == [".sort((one, other) => one.base - other.base);"]
    assert "sort: null" in script, "Vega would sort the groups"


def test_figures_come_back_as_they_were_packed_and_pack_alike() -> None:
    figures = {"a": [1, 0.25, None, "é </script>"]}
    assert equity.unpacked(equity.packed(figures)) == figures
    assert equity.packed(figures) == equity.packed(figures)


@pytest.mark.parametrize(
    ("value", "short"), [(3.0, 3), (0.123456789, 0.12346), (None, None), (float("nan"), None), (1234567.0, 1234567)]
)
def test_numbers_are_kept_to_five_figures_and_counts_whole(value: float | None, short: float | None) -> None:
    assert equity.short(value) == short


def test_a_table_about_children_makes_no_page(tmp_path: Path) -> None:
    cards = {name: TableCard("equity", name, "model", "internal", (), frozenset(), ()) for name in equity.SOURCES}
    cards["equity__trend"] = TableCard("equity", "equity__trend", "model", "restricted", (), frozenset(), ())
    with pytest.raises(ClassError, match="equity__trend is restricted"):
        equity.write(SETTINGS, tmp_path / "none.duckdb", cards, tmp_path / "equity.html")
    assert not (tmp_path / "equity.html").exists()


def test_a_map_is_as_wide_as_the_county_is() -> None:
    """At 60 degrees north a degree of longitude is half as long as one of latitude: cos 60° is 0.5."""
    square = {"type": "Polygon", "coordinates": [[[2.0, 60.0], [4.0, 60.0], [4.0, 61.0], [2.0, 60.0]]]}
    feature = equity._feature("E05", square, 0.5)
    assert feature["geometry"]["coordinates"] == [[[1.0, 60.0], [2.0, 60.0], [2.0, 61.0], [1.0, 60.0]]]


def test_the_dictionary_has_every_indicator_with_its_traps_and_examples(tmp_path: Path) -> None:
    page = tmp_path / "dictionary.html"
    dictionary.write(SETTINGS, page)
    text = page.read_text(encoding="utf-8")
    registry = rows("metric")
    found = re.findall(r'<article id="([A-Z0-9]+)"', text)
    assert sorted(found) == sorted(row["metric_id"] for row in registry)
    assert text.count("<dt>Traps</dt>") == len(registry) + len(rows("metric_layer"))
    assert "E: P01 P02 S04; N or K: S01 S02 S03 S06" in text, "the working of ID02, as it was done by hand"
    assert "http" not in re.sub(r'http-equiv|content="[^"]*"', "", text)


def test_the_dictionary_says_how_a_definition_is_known() -> None:
    metrics = {metric["id"]: dict(metric["terms"]) for family in dictionary.families() for metric in family["metrics"]}
    said = {metric_id: metrics[metric_id]["Certainty"] for metric_id in ("TM05", "PL05", "EX09")}
    assert said == {
        "TM05": "read in a published definition",
        "PL05": "read in a published definition; our own reading",
        "EX09": "from memory, to be checked; our own reading",
    }


def test_the_dictionary_says_what_the_public_tables_never_have() -> None:
    metrics = {metric["id"]: dict(metric["terms"]) for family in dictionary.families() for metric in family["metrics"]}
    said = {metric_id: terms["In the public tables"] for metric_id, terms in metrics.items()}
    assert said["TM05"] == "Yes"
    assert said["TM07"] == "Yes"
    assert said["AT09"].startswith("No: a gap between two groups tells more")
    # By hand, from the registry: one of gaps, eleven of ratios of sums over children; FN02 and FN05 are of money alone.
    never = {metric_id for metric_id, words in said.items() if words.startswith("No: ")}
    ratios = {"EX01", "EX02", "EX04", "FN03", "FN04", "HC08", "HC09", "IN01", "IN04", "IN06", "PA01"}
    assert never == {"AT09"} | ratios


def test_the_dictionary_takes_its_examples_from_a_folder(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "expected.csv").write_text(
        "metric_id,measure,period_id,area,subgroup_set,subgroup_value,numerator,denominator,excluded,value,by_hand\n"
        "TM05,share,2026,999,sex,F,1,3,0,0.33333333333333333,one of three girls\n"
        "TM05,share,2026,999,all,all,2,4,0,0.5,two of four\n",
        encoding="utf-8",
    )
    metrics = {metric["id"]: metric for family in dictionary.families(tmp_path) for metric in family["metrics"]}
    found = [(row["who"], row["value"], row["working"]) for row in metrics["TM05"]["examples"]]
    assert found == [("Everyone", "0.5", "two of four"), ("Sex: F", "0.3333", "one of three girls")]
    assert metrics["TM04"]["examples"] == []


def test_what_is_forecast_has_its_limits_and_what_it_was_worth(warehouse: duckdb.DuckDBPyConnection) -> None:
    """The county alone; needs and phases apart; a figure that is not known is no nought."""
    columns = (
        "made_from, target_date, years_ahead, area_level, need, phase, plans_at_start, plans, lower, upper, actual, "
        "specialist_plans, specialist_lower, specialist_upper, planned_places, gap, is_within_limits, flow_years, "
        "note, backtest_share_within_limits, backtest_cell_count"
    )
    row = (
        "date '{}', date '{}', {}, '{}', '{}', '{}', 90, 100.4, 80, 1200, {}, 40, 30, 50, {}, {}, {}, 3, 'n', 0.773, 75"
    )
    forecasts = [
        ("2027-01-21", "2028-01-21", 1, "county", "all", "all", "null", 45, -5.2, "null"),
        ("2027-01-21", "2029-01-21", 2, "county", "all", "all", "null", "null", "null", "null"),
        ("2027-01-21", "2029-01-21", 2, "county", "ASD", "all", "null", 45, 5.2, "null"),
        ("2027-01-21", "2029-01-21", 2, "county", "HI", "all", "null", 40, 0.2, "null"),
        ("2027-01-21", "2029-01-21", 2, "county", "ASD", "PRI", "null", 45, 5.2, "null"),
        ("2027-01-21", "2029-01-21", 2, "district", "all", "all", "null", 45, 5.2, "null"),
        ("2026-01-21", "2027-01-21", 1, "county", "all", "SEC", 99, 45, 5.2, "true"),
    ]
    rows_of = " union all ".join(f"select {row.format(*each)}" for each in forecasts)
    warehouse.execute(f"create table equity.equity__forecast as select * from ({rows_of}) as t({columns})")
    warehouse.execute(
        "create table equity.rpt_equity__what_if as select 'P1' as proposal_id, 'Base' as proposal_name, "
        "'ASD' as need, 'PRI' as phase, 8 as places, 6 as children, 4 as children_within_reach, "
        "2 as nearer_than_setting, "
        "null::double as median_km_saved, 0.5 as share_within_reach, 1.0 as share_within_reach_with_it, "
        "10 / 6 as places_per_child, 3.0 as places_per_child_with_it, null::double as share_out_of_area, "
        "null::double as share_out_of_area_at_best"
    )
    found = equity.read_enough(warehouse)
    years = [(row["on"], row["plans"], row["specialist"], row["gap"]) for row in found["years"]]
    assert years == [
        ("21 January 2028", "100 (80 to 1,200)", "40 (30 to 50)", "-5"),
        ("21 January 2029", "100 (80 to 1,200)", "40 (30 to 50)", "not known"),
    ]
    assert [(row["by"], row["gap"]) for row in found["parts"]] == [
        ("Autistic spectrum disorder, all phases", "+5"),
        ("Hearing impairment, all phases", "0"),
    ]
    assert {row["held"] for row in found["years"]} == {"77%"}
    assert [(row["by"], row["actual"]) for row in found["tested"]] == [("All needs, secondary", 99)]
    proposal = found["proposals"][0]
    assert proposal["by"] == "Autistic spectrum disorder, primary"
    assert (proposal["km_saved"], proposal["reach"], proposal["each"]) == ("–", "50.0% to 100.0%", "1.7 to 3.0")
    assert proposal["away"] == "–"


def test_a_figure_stands_beside_what_was_told_of_it_on_the_latest_days(warehouse: duckdb.DuckDBPyConnection) -> None:
    """The latest twelve days, the newest first; only the kind of period that the metric is told by first."""
    warehouse.execute(
        """
        create table equity.rpt_equity__restated as
        select 'TM05' as metric_id, 'share' as measure, period_id, area_level, known_on::date as known_on,
            known_on::date = '2027-01-01' as is_rebuilt, 1.0 as numerator_then, 3.0 as denominator_then,
            1.0 / 3 as value_then, known_on::date > '2027-01-01' as is_same_definition
        from range(date '2026-12-20', date '2027-01-03', interval 1 day) as day (known_on)
        cross join core.dim_period
        cross join (values ('county'), ('district')) as area (area_level);
        """
    )
    told = equity._told(warehouse)
    assert told.keys() == {"TM05|share|2026"}
    days = told["TM05|share|2026"]
    assert len(days) == 12
    assert days[0][1:] == [1, 3, 0.33333, 0, 1]
    assert days[1][1:] == [1, 3, 0.33333, 1, 0]
    assert days[0][0] == equity._day(date(2027, 1, 2))
