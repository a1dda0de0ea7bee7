"""The equity page and the dictionary in a real browser, by mouse and by keyboard, with scripts and without.

Needs Chromium and Node, as the test of the summary does.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from tests.browser.test_summary_page import HERE, browser  # noqa: F401 - a fixture
from warehouse import duck
from warehouse.specification import rows

if TYPE_CHECKING:
    from tests.conftest import County

pytestmark = pytest.mark.browser
MOST_BYTES = 5_000_000
MONTHLY = {row["metric_id"] for row in rows("metric") if row["period_type"] == "month"}


def look(browser: str, script: str, page: Path) -> dict[str, Any]:  # noqa: F811
    looked = subprocess.run(
        [str(shutil.which("node")), str(HERE / script), browser, str(page)],
        cwd=HERE,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=900,
    )
    assert looked.returncode == 0, looked.stderr[-2000:]
    return json.loads(looked.stdout)


@pytest.fixture(scope="module")
def seen(browser: str, county: County) -> dict[str, Any]:  # noqa: F811
    return look(browser, "look_equity.mjs", county.home.published / "equity.html")


@pytest.fixture(scope="module")
def dictionary(browser: str, county: County) -> dict[str, Any]:  # noqa: F811
    return look(browser, "look.mjs", county.home.published / "dictionary.html")


def test_the_page_asks_nothing_of_anyone_and_nothing_goes_wrong(seen: dict[str, Any]) -> None:
    """Its own policy is in force here: a script with another hash would not run, and be an error."""
    assert seen["outside"] == []
    assert seen["errors"] == []


def test_axe_finds_no_fault(seen: dict[str, Any]) -> None:
    assert seen["passes"] > 20, "axe did not run"
    assert seen["violations"] == []


def test_the_page_is_no_larger_than_a_mail_takes(county: County) -> None:
    assert (county.home.published / "equity.html").stat().st_size < MOST_BYTES


def test_every_indicator_can_be_chosen_and_has_its_parts(seen: dict[str, Any], county: County) -> None:
    with duck.reader(county.database) as connection:
        made = {one for (one,) in connection.execute("select distinct metric_id from equity.fct_metric").fetchall()}
    assert {view["indicator"] for view in seen["views"]} == made
    for view in seen["views"]:
        found = {section["id"]: section for section in view["sections"]}
        assert {"reading", "traced-to"} <= found.keys(), view["indicator"]
        assert view["headline"], view["indicator"]
        for section in found.values():
            assert section["named"], "a picture without a sentence for those who do not see it"
            assert section["charts"] == 0 or section["rows"] > 0, "a picture without its table"
            assert section["charts"] == 0 or section["marks"] > 2, "an empty picture"


def test_what_lies_in_a_year_and_across_years_is_drawn(seen: dict[str, Any]) -> None:
    parts = {row["period_type"] for row in rows("metric_period")} - {"calendar_year", "academic_year"}
    drawn = {
        (view["indicator"], section["id"])
        for view in seen["views"]
        for section in view["sections"]
        if section["id"] in parts and section["charts"] == 1
    }
    for shown in (("TM05", "month"), ("TM05", "quarter"), ("TM05", "rolling_12_months"), ("IN01", "term")):
        assert shown in drawn
    assert {metric_id for metric_id, _ in drawn} <= {row["metric_id"] for row in rows("metric_period")} | MONTHLY


def test_districts_stand_side_by_side_on_their_funnel_only(seen: dict[str, Any]) -> None:
    refused = drawn = 0
    for view in seen["views"]:
        for section in view["sections"]:
            if section["id"] != "districts":
                continue
            # In order of their names, whatever their values.
            named = [one for one in section["first"] if one not in ("County", "Home outside the county", "Not known")]
            assert named == sorted(named)
            assert section["charts"] + section["refused"] == 1
            assert ("Ratio to rest" in section["headings"]) == (section["charts"] == 1)
            refused, drawn = refused + section["refused"], drawn + section["charts"]
    assert refused > 5 and drawn > 5


def test_every_set_of_groups_can_be_chosen(seen: dict[str, Any]) -> None:
    assert len(seen["sets"]) > 15
    for one in seen["sets"]:
        assert [section["id"] for section in one["sections"] if section["id"] in ("groups", "districts")], one["set"]


def test_the_query_finds_the_children_behind_the_number(seen: dict[str, Any], county: County) -> None:
    tried = gaps = 0
    with duck.reader(county.database) as connection:
        for view in (one for one in seen["views"] if one["trace"]):
            [(numerator, denominator)] = connection.execute(
                "select numerator, denominator from equity.fct_metric where metric_id = ? and measure = ? "
                "and period_id = ? and area_level = 'county' and subgroup_set = 'all'",
                [view["indicator"], view["measure"], view["period"]],
            ).fetchall()
            kind = next(
                row["kind"]
                for row in rows("metric_measure")
                if (row["metric_id"], row["measure"]) == (view["indicator"], view["measure"])
            )
            if kind == "gap":
                gaps += of_a_gap(connection, view)
                continue
            events = connection.sql(view["trace"])
            summed = events.aggregate("sum(numerator), sum(denominator)").fetchall()[0]
            if kind in ("proportion", "ratio"):
                assert summed == (pytest.approx(numerator), pytest.approx(denominator)), view["indicator"]
                tried += 1
            elif kind in ("rate", "count"):
                assert summed[0] == pytest.approx(numerator), view["indicator"]
                tried += 1
    assert tried > 20 and gaps > 1


def of_a_gap(connection: duckdb.DuckDBPyConnection, view: dict[str, Any]) -> int:
    """A gap is between two groups of another indicator: the query lists both, and no child of a third."""
    this = (view["indicator"], view["measure"])
    gap = next(row for row in rows("metric_gap") if (row["metric_id"], row["measure"]) == this)
    # Percentage points are of shares; points are of means.
    is_mean = next(
        row["unit"] == "points" for row in rows("metric_measure") if (row["metric_id"], row["measure"]) == this
    )
    figure = "avg(value)" if is_mean else "100 * sum(numerator) / sum(denominator)"
    shares = dict(connection.sql(view["trace"]).aggregate(f"compared_group, {figure}").fetchall())
    assert shares.keys() == {gap["value_from"], gap["value_to"]}
    [(value,)] = connection.execute(
        "select value from equity.fct_metric where metric_id = ? and measure = ? and period_id = ? "
        "and area_level = 'county' and subgroup_set = 'all'",
        [*this, view["period"]],
    ).fetchall()
    assert shares[gap["value_from"]] - shares[gap["value_to"]] == pytest.approx(value)
    return 1


def test_the_query_finds_the_children_of_a_group_and_of_a_pair(seen: dict[str, Any], county: County) -> None:
    areas = {row["area_level"] for row in rows("area_level")}
    tried = set()
    with duck.reader(county.database) as connection:
        for one in (one for one in seen["sets"] if one["traced"] and one["traced"]["group"] != "outside"):
            level, of_set = (one["set"], "all") if one["set"] in areas else ("county", one["set"])
            area, group = (one["traced"]["group"], "all") if level != "county" else ("county", one["traced"]["group"])
            summed = connection.sql(one["traced"]["query"]).aggregate("sum(numerator), sum(denominator)").fetchall()
            wanted = connection.execute(
                "select numerator, denominator from equity.fct_metric where metric_id = ? and measure = ? "
                "and period_id = ? and area_level = ? and (area_code = ? or area_level = 'county') "
                "and subgroup_set = ? and subgroup_value = ?",
                [one["indicator"], one["measure"], one["period"], level, area, of_set, group],
            ).fetchall()
            assert summed == [pytest.approx(wanted[0])], one["set"]
            tried.add(one["set"])
    assert len(tried) > 15 and {row["subgroup_set"] for row in rows("subgroup_pair")} <= tried


def test_it_is_used_by_keyboard(seen: dict[str, Any]) -> None:
    assert seen["focused"][0] == "Skip to the indicator"
    assert [one for one in seen["focused"] if one in ("indicator", "measure", "period", "set")] == [
        "indicator",
        "measure",
        "period",
        "set",
    ]
    assert seen["moved"], "an arrow key chooses the next indicator"
    assert seen["said"].startswith("Shown: "), "a screen reader hears what was chosen"


def test_it_fits_a_desk_a_phone_and_paper(seen: dict[str, Any]) -> None:
    assert seen["language"] == "en-GB" and seen["title"]
    assert seen["wider"] <= 0 and seen["wider_on_a_phone"] <= 0
    assert seen["wider_on_paper"] <= 0, "the last column would be cut off"
    assert seen["printed"] == ["districts"], "printed: the chosen view, without the form and the list"


def test_without_scripts_every_indicator_has_its_figure(seen: dict[str, Any]) -> None:
    assert "JavaScript" in seen["without_script"]
    for indicator in {view["indicator"] for view in seen["views"]}:
        assert indicator in seen["without_script"]


def test_the_dictionary_reads_and_asks_nothing(dictionary: dict[str, Any]) -> None:
    assert dictionary["outside"] == [] and dictionary["errors"] == []
    assert dictionary["violations"] == []
    assert dictionary["wider"] <= 0 and dictionary["wider_on_a_phone"] <= 0
    for metric in rows("metric"):
        assert metric["name"] in dictionary["text"], metric["metric_id"]
