"""The wide views have a column for every measure of the registry, named as the metric dictionary names it.

It matters because a measure that is missing there is missing in every sheet made from them, without a word.
COUNTYWIDE_APPROVE=1 writes their YAML anew from the registry.
"""

from __future__ import annotations

import json
import os
from typing import Any

from warehouse.publish import dictionary
from warehouse.settings import REPOSITORY
from warehouse.specification import rows

FILE = REPOSITORY / "models" / "marts" / "equity" / "_equity_wide__models.yml"
# Small areas hold a child or two: nobody reads a sheet of them.
WITHOUT = ("msoa", "lsoa")
OWN = {
    "period_id": ("string", "Row of dim_period; filter by period_type before you add up or draw a line"),
    "period_type": ("string", ""),
    "is_whole_period": (
        "boolean",
        "No while the period is still running; what rests on a part of an ended one is blank here: see fct_metric",
    ),
    "area_code": ("string", ""),
    "area_name": ("string", ""),
}


def test_the_wide_views_are_those_of_the_registry() -> None:
    text = _yaml()
    if os.environ.get("COUNTYWIDE_APPROVE"):
        FILE.write_text(text, encoding="utf-8", newline="\n")
    assert FILE.read_text(encoding="utf-8") == text


def test_each_level_has_its_view(manifest: dict[str, Any]) -> None:
    levels = {row["area_level"] for row in rows("area_level")} - set(WITHOUT)
    views = {
        node["name"].removeprefix("rpt_equity__wide_"): node
        for node in manifest["nodes"].values()
        if node["name"].startswith("rpt_equity__wide_") and node["resource_type"] == "model"
    }
    assert views.keys() == levels
    measures = [f"{row['metric_id']}_{row['measure']}".lower() for row in rows("metric_measure")]
    for level, view in views.items():
        assert list(view["columns"]) == [*OWN, *measures]
        assert f"metric_wide('{level}')" in view["raw_code"]


def test_the_dictionary_names_them() -> None:
    named = [
        measure[0] for family in dictionary.families() for metric in family["metrics"] for measure in metric["measures"]
    ]
    assert sorted(named) == sorted(f"{row['metric_id']}_{row['measure']}".lower() for row in rows("metric_measure"))


def _yaml() -> str:
    names = {row["metric_id"]: row["name"] for row in rows("metric")}
    lines = [
        "# Written from the registry by tests/contract/test_wide_views.py, which holds the two together.",
        "version: 2",
        "models:",
    ]
    for row in rows("area_level"):
        level = row["area_level"]
        if level in WITHOUT:
            continue
        lines += [
            f"  - name: rpt_equity__wide_{level}",
            f'    description: "Every measure side by side: {row["title"].lower()}. Counts are in fct_metric"',
            "    config:",
            "      materialized: view",
            '      meta: {grain: "one row per period and area", class: internal}',
            "    data_tests:",
            "      - unique_combination:",
            "          arguments: {columns: [period_id, area_code]}",
        ]
        if level != "county":
            lines.append("    columns: *columns")
            continue
        lines.append("    columns: &columns")
        lines += [_column(name, kind, said) for name, (kind, said) in OWN.items()]
        lines += [
            _column(
                f"{row['metric_id']}_{row['measure']}".lower(), "double", f"{names[row['metric_id']]}: {row['title']}"
            )
            for row in rows("metric_measure")
        ]
    return "\n".join(lines) + "\n"


def _column(name: str, kind: str, said: str) -> str:
    described = f", description: {json.dumps(said, ensure_ascii=False)}" if said else ""
    return f"      - {{name: {name}, data_type: {kind}{described}}}"
