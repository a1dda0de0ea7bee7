"""DfE's form of the public tables: a column per indicator, places and years as its statistics service names them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from warehouse.publish import tidy
from warehouse.publish.files import excel_safe
from warehouse.publish.public import Table
from warehouse.settings import Home, Settings

SETTINGS = Settings(home=Home(Path("unused")), la_code="201", council_name="Ours")


def printed(metric: str, period: str, breakdown: str, group: str, numerator: str, value: str) -> dict[str, str]:
    return {
        "metric_id": metric,
        "metric_name": f"Metric {metric}",
        "measure": "share",
        "measure_title": "Share",
        "time_period": period,
        "breakdown": breakdown,
        "group": group,
        "numerator": numerator,
        "denominator": "40",
        "value": value,
        "lower_95": "1.0",
        "upper_95": "9.0",
        "unit": "%",
        "reliability": "",
    }


TABLE = Table(
    "timeliness",
    "Waits",
    (
        printed("TM01", "2026", "Everyone", "Everyone", "20", "50.0"),
        printed("TM01", "2026", "District of the home", "Ashmarrow", "c", "c"),
        printed("TM01", "2026", "Sex", "Girls", "10", "25.0"),
        printed("TM02", "2026", "Everyone", "Everyone", "5", "12.5"),
        printed("TM02", "2026", "Sex", "Boys", "5", "12.5"),
        printed("TM01", "2025/26", "Everyone", "Everyone", "15", "37.5"),
    ),
    {},
    (
        ("calendar_year", "all", "all"),
        ("calendar_year", "district", "E07000001"),
        ("calendar_year", "sex", "F"),
        ("calendar_year", "all", "all"),
        ("calendar_year", "sex", "M"),
        ("academic_year", "all", "all"),
    ),
)


def test_a_line_per_place_and_group_with_a_column_per_figure() -> None:
    lines, _ = tidy.tidy(TABLE, "calendar_year", SETTINGS)
    assert [
        (line["geographic_level"], line["lad_code"], line["breakdown_topic"], line["breakdown"]) for line in lines
    ] == [
        ("Local authority", "", "Total", "Total"),
        ("Local authority district", "E07000001", "Total", "Total"),
        ("Local authority", "", "Sex", "Girls"),
        ("Local authority", "", "Sex", "Boys"),
    ]
    assert lines[0]["tm01_share_value"] == "50.0" and lines[0]["tm02_share_numerator"] == "5"
    assert lines[1]["tm01_share_numerator"] == "c", "what is hidden stays hidden"
    assert lines[1]["tm02_share_value"] == "z", "no district has it"
    assert lines[2]["tm02_share_value"] == "x", "the other sex has it"


def test_council_and_region_are_those_of_the_list() -> None:
    lines, _ = tidy.tidy(TABLE, "calendar_year", SETTINGS)
    assert lines[0] | {"old_la_code": "201", "new_la_code": "E09000001", "la_name": "City of London"} == lines[0]
    assert (lines[0]["region_code"], lines[0]["country_code"]) == ("E12000007", "E92000001")


@pytest.mark.parametrize(
    ("period_type", "period", "identifier"),
    [("calendar_year", "2026", "Calendar year"), ("academic_year", "202526", "Academic year")],
)
def test_years_are_written_as_the_service_writes_them(period_type: str, period: str, identifier: str) -> None:
    lines, _ = tidy.tidy(TABLE, period_type, SETTINGS)
    assert {(line["time_period"], line["time_identifier"]) for line in lines} == {(period, identifier)}


def test_files_and_their_metadata_agree(tmp_path: Path) -> None:
    written = tidy.write([TABLE], tmp_path, SETTINGS)
    assert [file.name for file in written] == [
        "timeliness_calendar_year.csv",
        "timeliness_calendar_year.meta.csv",
        "timeliness_academic_year.csv",
        "timeliness_academic_year.meta.csv",
    ]
    with written[0].open(encoding="utf-8", newline="") as handle:
        data = list(csv.DictReader(handle))
    with written[1].open(encoding="utf-8", newline="") as handle:
        meta = list(csv.DictReader(handle))
    assert set(data[0]) == {*tidy.PLACE, "breakdown_topic", *(row["col_name"] for row in meta)}
    assert meta[0]["col_type"] == "Filter" and meta[0]["filter_grouping_column"] == "breakdown_topic"
    value = next(row for row in meta if row["col_name"] == "tm01_share_value")
    assert (value["indicator_unit"], value["indicator_dp"]) == ("%", "1")
    assert len({row["label"] for row in meta}) == len(meta)


@pytest.mark.parametrize(
    ("text", "safe"), [("=1+1", "'=1+1"), ("-x", "'-x"), ("@a", "'@a"), ("White - Irish", "White - Irish"), ("", "")]
)
def test_a_formula_in_a_label_is_text(text: str, safe: str) -> None:
    assert excel_safe(text) == safe
